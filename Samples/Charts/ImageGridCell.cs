namespace MomentumCore.Samples;

/// <summary>One picture of an <see cref="ImageGrid"/>.</summary>
/// <param name="Pixels">Row by row, 0 black to 255 white.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Left">Caption at the left, as what it is.</param>
/// <param name="Right">Caption at the right, as what it was taken for.</param>
internal sealed record ImageGridCell(byte[] Pixels, int Width, int Height, string Left, string Right);
