using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MomentumCore.Benchmarks;

// --pairs: elementwise kernels and TensorPrimitives in turns, without BenchmarkDotNet.
if (args.Contains("--pairs"))
{
    ElementwisePairs.Run();
    return;
}

// --quick: three short runs in this process, for a first look; without it BenchmarkDotNet decides. All other options
// are BenchmarkDotNet's, as in: --filter *MatMul*
bool quick = args.Contains("--quick");
var config = ManualConfig.Create(DefaultConfig.Instance).AddColumn(new SpeedColumn())
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(60));
if (quick)
    config.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run([.. args.Where(a => a != "--quick")], config);
