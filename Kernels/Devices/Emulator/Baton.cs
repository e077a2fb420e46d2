namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>
/// The turn, handed from one thread to another. A thread that waits sleeps at once: of a group's threads all but one wait,
/// and the spinning that semaphores begin with would keep them all from running.
/// </summary>
internal sealed class Baton
{
    private readonly object _gate = new();
    private bool _isGiven;

    /// <summary>Lets the thread that takes it go on, now or when it comes.</summary>
    public void Give()
    {
        lock (_gate)
        {
            _isGiven = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits until it is given.</summary>
    public void Take()
    {
        lock (_gate)
        {
            while (!_isGiven)
                Monitor.Wait(_gate);
            _isGiven = false;
        }
    }
}
