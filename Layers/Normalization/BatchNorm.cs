using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Batch normalisation: y = (x − mean) / √(variance + eps) · weight + bias for each channel. In training the statistics
/// are the batch's, and running ones follow them; in evaluation the running ones are used. Ioffe, Szegedy 2015.
/// </summary>
public abstract class BatchNorm : Module
{
    private protected BatchNorm(
        int channels,
        double eps,
        double? momentum,
        bool affine,
        bool trackRunningStatistics,
        DType dtype,
        Device? device)
    {
        Channels = Settings.AtLeast(1, channels, Name, nameof(channels));
        Eps = Settings.Positive(eps, Name, nameof(eps));
        Momentum = momentum is { } m ? Settings.Fraction(m, Name, nameof(momentum)) : null;
        Weight = RegisterParameter("weight", affine ? Tensor.Ones([channels], dtype, device) : null);
        Bias = RegisterParameter("bias", affine ? Tensor.Zeros([channels], dtype, device) : null);
        bool track = trackRunningStatistics;
        RunningMean = RegisterBuffer("running_mean", track ? Tensor.Zeros([channels], dtype, device) : null);
        RunningVariance = RegisterBuffer("running_var", track ? Tensor.Ones([channels], dtype, device) : null);
        BatchCount = RegisterBuffer("num_batches_tracked", track ? Tensor.Zeros([], DType.Int64, device) : null);
    }

    /// <summary>The number of channels: the size of axis 1.</summary>
    public int Channels { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>
    /// How far the running statistics move with each batch; null for the mean over all batches so far.
    /// </summary>
    public double? Momentum { get; }

    /// <summary>A factor for each channel, or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>A summand for each channel, or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>The running mean of each channel, or null.</summary>
    public Tensor? RunningMean { get; }

    /// <summary>The running variance of each channel, or null.</summary>
    public Tensor? RunningVariance { get; }

    /// <summary>How many batches the running statistics have seen, Int64 without axes, or null.</summary>
    public Tensor? BatchCount { get; }

    /// <summary>The element type of parameters and statistics.</summary>
    private protected DType ParameterType => (Weight ?? RunningMean)?.DType ?? DType.Float32;

    /// <summary>The device of parameters and statistics.</summary>
    private protected Device? ParameterDevice => (Weight ?? RunningMean)?.Device;

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"channels: {Channels}, eps: {Settings.Text(Eps)}, " +
        $"momentum: {(Momentum is { } m ? Settings.Text(m) : "null")}, affine: {Settings.Text(Weight != null)}, " +
        $"trackRunningStatistics: {Settings.Text(RunningMean != null)}";

    /// <summary>Sets the running statistics back to mean 0, variance 1, no batches.</summary>
    public void ResetRunningStatistics()
    {
        RunningMean?.Fill(0);
        RunningVariance?.Fill(1);
        BatchCount?.Fill(0);
    }

    /// <summary>Sets the running statistics back, the weight to 1 and the bias to 0.</summary>
    public void ResetParameters()
    {
        ResetRunningStatistics();
        if (Weight != null)
            Initialize.Constant(Weight, 1);
        if (Bias != null)
            Initialize.Constant(Bias, 0);
    }

    /// <inheritdoc/>
    protected override void UpgradeState(StateUpgrade state)
    {
        // PyTorch counts batches since 0.4.1, and starts at 0 with files from before.
        if (BatchCount != null && state.Has("running_mean") && !state.Has("num_batches_tracked"))
            state.Add("num_batches_tracked", Tensor.Zeros([], DType.Int64));
    }

    /// <inheritdoc/>
    protected sealed override Tensor Forward(Tensor x)
    {
        RequireShape(x.Shape);
        if (x.Shape[1] != Channels)
            throw new ShapeException($"{Name}: made for {Channels} channels; axis 1 of {x.Shape} has {x.Shape[1]}.");
        double momentum = Momentum ?? 0;
        // A batch that is evaluated again has been counted.
        if (IsTraining && BatchCount != null && !BatchStatistics.AreFrozen)
        {
            // Counted on the device, which only an average over all batches waits for.
            using var count = BatchCount + 1.0;
            BatchCount.CopyFrom(count);
            momentum = Momentum ?? 1 / count.Item();
        }

        // Without running statistics the batch's own are used in evaluation, too.
        bool useBatch = IsTraining || RunningMean == null;
        return x.BatchNorm(Weight, Bias, RunningMean, RunningVariance, useBatch, momentum, Eps);
    }

    /// <summary>Refuses inputs with the wrong number of axes.</summary>
    private protected abstract void RequireShape(Shape shape);
}
