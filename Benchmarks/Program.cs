using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MomentumCore.Benchmarks;

// --ulp [function …]: the largest errors of XMath over every float.
if (args is ["--ulp", .. var functions])
    return UlpTable.Run(functions);

// --pairs [name …]: elementwise kernels and TensorPrimitives in turns, without BenchmarkDotNet.
if (args is ["--pairs", .. var names])
{
    ElementwisePairs.Run(names);
    return 0;
}

// --exact: what range guards and Verify cost in exact reversal, in turns.
if (args is ["--exact"])
{
    ExactCosts.Run();
    return 0;
}

// --tiles: whole reversible blocks over one tile of the batch after another, in turns with whole batches.
if (args is ["--tiles"])
{
    TileCosts.Run();
    return 0;
}

// --quick: three short runs in this process, for a first look; without it BenchmarkDotNet decides. All other options
// are BenchmarkDotNet's, as in: --filter *MatMul*
bool quick = args.Contains("--quick");
var config = ManualConfig.Create(DefaultConfig.Instance).AddColumn(new SpeedColumn())
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(60));
if (quick)
    config.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run([.. args.Where(a => a != "--quick")], config);
return 0;
