<#
.SYNOPSIS
  The project's few commands under one name.
.DESCRIPTION
  build   compile everything in Release, warnings as errors
  test    build and run all tests
  fuzz    hostile weight files, then random kernels, each for as long as FUZZ_SECONDS says (60 if not set)
  bench   run the BenchmarkDotNet suites; extra arguments go to BenchmarkDotNet
  pack    make the NuGet packages in artifacts/
.EXAMPLE
  ./build.ps1 test
.EXAMPLE
  ./build.ps1 bench --filter '*MatMul*'
#>
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'fuzz', 'bench', 'pack')]
    [string] $Command = 'build',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Rest
)

$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    switch ($Command) {
        'build' { dotnet build MomentumCore.sln -c Release @Rest }
        'test' { dotnet test MomentumCore.sln -c Release @Rest }
        'fuzz' { dotnet test Tests -c Release --filter TestCategory=Fuzz --logger 'console;verbosity=detailed' @Rest }
        'bench' { dotnet run -c Release --project Benchmarks -- @Rest }
        'pack' {
            foreach ($room in 'Kernels', 'Engine', 'Layers', 'Reversible') {
                dotnet pack $room -c Release -o artifacts @Rest
                if ($LASTEXITCODE -ne 0) { break }
            }
        }
    }
    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
