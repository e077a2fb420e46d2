using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>Copies of the network, and what they take over from it besides values.</summary>
public sealed partial class MomentumNet
{
    private string[]? _labels;

    /// <summary>Whether <see cref="MomentumTransform"/> made it out of a model's layers.</summary>
    internal bool IsTransformed => _labels != null;

    /// <summary>Who makes sure that the model runs it, if it was transformed.</summary>
    internal BypassWatch? Watch { get; set; }

    /// <inheritdoc/>
    public override Module NewLike()
    {
        var made = new Dictionary<Module, Module>();
        var like = new MomentumNet(
            [.. _functions.Select(f => Another(f, made))],
            _gammas,
            HasLearnedGamma,
            Memory,
            InitialVelocity == null ? null : Another(InitialVelocity, made),
            IsResidual);
        like.TakeSettings(this);
        return like;
    }

    /// <summary>Says where the layers stood in the model that they were taken from, for errors.</summary>
    internal void Label(string[] labels) => _labels = labels;

    /// <inheritdoc/>
    internal override void CopySettings(Module from)
    {
        var net = (MomentumNet)from;
        if (IsResidual != net.IsResidual || HasLearnedGamma != net.HasLearnedGamma
            || (!HasLearnedGamma && !Gammas.SequenceEqual(net.Gammas)))
        {
            throw new InvalidOperationException(
                $"MomentumNet: what NewLike made has {ExtraRepresentation}, the original {net.ExtraRepresentation}; neither " +
                "can be changed afterwards. NewLike has to make a network with the same gamma and the same isResidual.");
        }

        TakeSettings(net);
    }

    private void TakeSettings(MomentumNet from)
    {
        Memory = from.Memory;
        Grid = from.Grid;
        DriftTolerance = from.DriftTolerance;
        Verify = from.Verify;
        CheckpointEvery = from.CheckpointEvery;
        OnDrift = from.OnDrift;
        HasMeasuredGrowth = from.HasMeasuredGrowth;
        _labels = from._labels;
    }
}
