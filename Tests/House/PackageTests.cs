using MomentumCore.Tests.Samples;

namespace MomentumCore.Tests.House;

/// <summary>What a user gets: a project outside of the repository that has the packages and nothing else.</summary>
[TestFixture]
internal sealed class PackageTests
{
    private const string Project =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <InvariantGlobalization>true</InvariantGlobalization>
            <!-- Ours come from this folder and are unpacked in it; those of others are here already. -->
            <RestoreSources>$(MSBuildProjectDirectory)/feed</RestoreSources>
            <RestorePackagesPath>$(MSBuildProjectDirectory)/packages</RestorePackagesPath>
            <RestoreFallbackFolders>GLOBAL</RestoreFallbackFolders>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="MomentumCore.Reversible" Version="*" />
          </ItemGroup>
        </Project>
        """;

    private const string Program =
        """
        using MomentumCore.Engine;
        using MomentumCore.Kernels.Devices;
        using MomentumCore.Kernels.Dialect;
        using MomentumCore.Layers;
        using MomentumCore.Reversible;

        using var scope = TensorScope.Begin();
        Console.WriteLine(string.Join(" ", Kernel.Map(Tensor.From(-1f, 0f, 2f), Mine.Half, Mine.Half).ToArray<float>()));
        using var function = new Sequential(new Linear(2, 4), new Tanh(), new Linear(4, 2));
        using var net = MomentumNet.Repeat(function, 5, 0.9, MemoryMode.Recompute);
        net.Call(Tensor.Ones([6, 2])).Square().Mean().Backward();
        Console.WriteLine($"{net.Parameters().Count(p => p.Gradient != null)} gradients");
        // XMath's source comes with the compiler: its text is in the kernel.
        Console.WriteLine(Mine.HalfDescription.Forms[0].OpenClSource!.Contains("Exp"));
        // The project does not allow pointers, which generated code for groups uses: the package does.
        var turned = Tensor.From(1f, 2f, 3f, 4f);
        Mine.Reverse(Device.Cpu, (2, 2), turned.View<float>());
        Console.WriteLine(string.Join(" ", turned.ToArray<float>()));

        public static partial class Mine
        {
            [Kernel]
            public static void Half(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = 0.5f * x[i] * XMath.Exp(0f * x[i]);

            [Kernel]
            public static void Reverse(ArrayView<float> x)
            {
                var tile = SharedMemory.Allocate<float>(2);
                tile[Group.IdxX] = x[Grid.GlobalIndex.X];
                Group.Barrier();
                x[Grid.GlobalIndex.X] = tile[1 - Group.IdxX];
            }

        #if WRONG
            [Kernel]
            public static void Text(Index1D i, ArrayView<float> y) => y[i] = "text".Length;
        #endif
        }
        """;

    [Test]
    public void A_project_with_the_packages_alone_compiles_a_kernel_of_its_own_and_trains()
    {
        using var folder = new TemporaryFolder();
        string configuration = AppContext.BaseDirectory.Contains("Debug", StringComparison.Ordinal) ? "Debug" : "Release";
        Sdk("pack", Path.Combine(Repository.Root, "MomentumCore.sln"), "--no-build", "-c", configuration, "-o", folder["feed"]);
        Assert.That(
            Directory.EnumerateFiles(folder["feed"]).Select(f => Path.GetFileName(f).Split(".0")[0]).Order(),
            Is.EqualTo(new[] { "MomentumCore.Engine", "MomentumCore.Kernels", "MomentumCore.Layers", "MomentumCore.Reversible" }));
        string global = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(folder["user.csproj"], Project.Replace("GLOBAL", global, StringComparison.Ordinal));
        File.WriteAllText(folder["Program.cs"], Program);

        Sdk("build", folder["user.csproj"], "-c", "Release", "-o", folder["out"], "-p:EmitCompilerGeneratedFiles=true");
        string[] generated = [.. Directory.EnumerateFiles(folder["obj"], "*.g.cs", SearchOption.AllDirectories)
            .Where(f => f.Contains("Half", StringComparison.Ordinal)).Select(File.ReadAllText)];
        Assert.That(generated, Has.Some.Contains("__kernel void"), "the text can be read");
        var run = AppProcess.OfProgram(Path.Combine(folder["out"], "user.dll"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output.ReplaceLineEndings("\n"), Is.EqualTo("-0.5 0 1\n4 gradients\nTrue\n2 1 4 3\n"));

        // The analyzer came along too, by way of three packages.
        var wrong = AppProcess.OfSdk("build", folder["user.csproj"], "-c", "Release", "-p:DefineConstants=WRONG");
        Assert.That(wrong.ExitCode, Is.Not.Zero);
        Assert.That(wrong.Output, Does.Contain("error MC0003").And.Contain("Program.cs(36,"));
    }

    private static void Sdk(params string[] args)
    {
        var run = AppProcess.OfSdk(args);
        Assert.That(run.ExitCode, Is.Zero, $"dotnet {args[0]}: {run.Output}{run.Error}");
    }
}
