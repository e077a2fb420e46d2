namespace MomentumCore.Samples;

/// <summary>Stops a training whose loss is no number any more, before it overwrites good weights.</summary>
internal static class FiniteLoss
{
    /// <summary>Passes a finite loss on.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="where">When it was found, as "epoch 3".</param>
    /// <param name="rateOption">The option that mends it.</param>
    /// <param name="kept">What of the work remains, as a sentence.</param>
    /// <exception cref="UserErrorException">It is NaN or infinite.</exception>
    public static void Require(double loss, string where, string rateOption, string kept = "")
    {
        if (!double.IsFinite(loss))
        {
            throw new UserErrorException(
                $"the loss became {loss} at {where}: the steps are too large. Use a smaller " +
                $"{rateOption}.{(kept.Length > 0 ? " " : "")}{kept}");
        }
    }
}
