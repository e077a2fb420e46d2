namespace MomentumCore.Samples;

/// <summary>Which end of a text its x says.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}
