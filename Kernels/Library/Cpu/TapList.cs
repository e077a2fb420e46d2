namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The kernel's places that windows look through, and the weights that go with them.</summary>
internal static unsafe class TapList
{
    /// <summary>Numbers of working memory for each of the kernel's places.</summary>
    public const int NumbersPerPlace = 3;

    /// <summary>The windows of a convolution on its input.</summary>
    /// <param name="s">The convolution.</param>
    /// <param name="memory"><see cref="NumbersPerPlace"/> numbers for each of the kernel's places.</param>
    public static ImageWindows Forward(in ConvolutionShape s, int* memory)
    {
        var windows = new ImageWindows
        {
            Images = s.Images,
            ImageStep = (nint)s.InputChannels * s.InputHeight * s.InputWidth,
            Height = s.InputHeight,
            Width = s.InputWidth,
            GridHeight = s.OutputHeight,
            GridWidth = s.OutputWidth,
            StepY = s.StrideY,
            StepX = s.StrideX,
            Offsets = memory,
        };
        for (int place = 0; place < s.KernelHeight * s.KernelWidth; place++)
        {
            int dy = (place / s.KernelWidth * s.DilationY) - s.PaddingY;
            int dx = (place % s.KernelWidth * s.DilationX) - s.PaddingX;
            AddTap(ref windows, s, place, dy, dx);
        }

        return windows.Flattened();
    }

    /// <summary>The windows on g from which the places of one phase of the stride get their derivative.</summary>
    /// <param name="s">The convolution.</param>
    /// <param name="phaseY">The phase's first row of the input.</param>
    /// <param name="phaseX">The phase's first column of the input.</param>
    /// <param name="memory"><see cref="NumbersPerPlace"/> numbers for each of the kernel's places.</param>
    public static ImageWindows Backward(in ConvolutionShape s, int phaseY, int phaseX, int* memory)
    {
        var windows = new ImageWindows
        {
            Images = s.Images,
            ImageStep = (nint)s.OutputChannels * s.OutputHeight * s.OutputWidth,
            Height = s.OutputHeight,
            Width = s.OutputWidth,
            GridHeight = (s.InputHeight - phaseY + s.StrideY - 1) / s.StrideY,
            GridWidth = (s.InputWidth - phaseX + s.StrideX - 1) / s.StrideX,
            StepY = 1,
            StepX = 1,
            Offsets = memory,
        };
        for (int place = 0; place < s.KernelHeight * s.KernelWidth; place++)
        {
            int y = phaseY + s.PaddingY - (place / s.KernelWidth * s.DilationY);
            int x = phaseX + s.PaddingX - (place % s.KernelWidth * s.DilationX);
            if (y % s.StrideY == 0 && x % s.StrideX == 0)
                AddTap(ref windows, s, place, y / s.StrideY, x / s.StrideX);
        }

        return s.StrideY == 1 && s.StrideX == 1 ? windows.Flattened() : windows;
    }

    /// <summary>The kernel's place that a tap is.</summary>
    public static int PlaceOf(in ConvolutionShape s, in ImageWindows windows, int tap) =>
        windows.Offsets[(2 * s.KernelHeight * s.KernelWidth) + tap];

    /// <summary>Copies the weights of some taps to [groups, rows, channels, taps].</summary>
    /// <param name="s">The convolution.</param>
    /// <param name="windows">The taps.</param>
    /// <param name="w">The weights [out, in / groups, places].</param>
    /// <param name="rowsAreInputs">Whether rows are input channels, and channels output channels; else the other
    /// way.</param>
    /// <param name="target">The memory to fill.</param>
    public static void CopyWeights<T>(
        in ConvolutionShape s, in ImageWindows windows, T* w, bool rowsAreInputs, T* target)
        where T : unmanaged
    {
        int kernel = s.KernelHeight * s.KernelWidth;
        int inGroup = s.InputChannels / s.Groups, outGroup = s.OutputChannels / s.Groups;
        int rows = rowsAreInputs ? inGroup : outGroup, channels = rowsAreInputs ? outGroup : inGroup;
        nint rowStep = (nint)kernel * (rowsAreInputs ? 1 : inGroup);
        nint channelStep = (nint)kernel * (rowsAreInputs ? inGroup : 1);
        int* places = windows.Offsets + (2 * kernel);
        for (int group = 0; group < s.Groups; group++)
        {
            for (int row = 0; row < rows; row++)
            {
                T* source = w + ((nint)group * inGroup * outGroup * kernel) + (row * rowStep);
                for (int channel = 0; channel < channels; channel++)
                {
                    for (int tap = 0; tap < windows.Taps; tap++)
                        *target++ = source[places[tap]];
                    source += channelStep;
                }
            }
        }
    }

    /// <summary>Adds a tap, unless every window sees nothing but padding through it.</summary>
    private static void AddTap(ref ImageWindows windows, in ConvolutionShape s, int place, int dy, int dx)
    {
        if (!Meets(dy, windows.GridHeight, windows.StepY, windows.Height)
            || !Meets(dx, windows.GridWidth, windows.StepX, windows.Width))
        {
            return;
        }

        windows.Offsets[2 * windows.Taps] = dy;
        windows.Offsets[(2 * windows.Taps) + 1] = dx;
        windows.Offsets[(2 * s.KernelHeight * s.KernelWidth) + windows.Taps] = place;
        windows.Taps++;
    }

    /// <summary>Whether offset + i · step lies in [0, size) for some i in [0, count).</summary>
    private static bool Meets(int offset, int count, int step, int size)
    {
        int first = offset >= 0 ? 0 : (-offset + step - 1) / step;
        return first < count && offset + (first * step) < size;
    }
}
