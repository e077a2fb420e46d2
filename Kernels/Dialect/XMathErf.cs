namespace MomentumCore.Kernels.Dialect;

/// <summary>The error function, which .NET lacks.</summary>
/// <remarks>
/// Rational approximations by W. J. Cody: Rational Chebyshev approximations for the error function. Mathematics of
/// Computation 23, 1969; with the coefficients of his CALERF, 1990. In float, Erfc is the double form retyped, and Erf
/// has two polynomials of its own, fitted to the least largest error.
/// </remarks>
public static partial class XMath
{
    /// <summary>
    /// The error function, 2/√π ∫ e^(−t²) dt from 0 to x. Within 1e-15 of the true value, relatively.
    /// </summary>
    public static double Erf(double x)
    {
        double y = Math.Abs(x);
        if (y <= 0.46875)
            return ErfNearZero(x);
        if (y > 6.0)
            return x > 0.0 ? 1.0 : -1.0;
        double tail = ErfcFarOut(y);
        return x > 0.0 ? 1.0 - tail : x < 0.0 ? tail - 1.0 : x;
    }

    /// <summary>1 − erf x without the cancellation for large x. Within 3e-15 of the true value, relatively.</summary>
    public static double Erfc(double x)
    {
        double y = Math.Abs(x);
        if (y <= 0.46875)
            return 1.0 - ErfNearZero(x);
        if (y > 28.0)
            return x > 0.0 ? 0.0 : 2.0;
        double tail = ErfcFarOut(y);
        return x < 0.0 ? 2.0 - tail : tail;
    }

    /// <summary>The error function, 2/√π ∫ e^(−t²) dt from 0 to x. Within 1e-7 of the true value, relatively.</summary>
    public static float Erf(float x)
    {
        float a = MathF.Abs(x);
        float z = a * a;
        float near = 8.3991730487e-05f;
        near = (near * z) - 8.1507235234e-04f;
        near = (near * z) + 5.2018800074e-03f;
        near = (near * z) - 2.6859820952e-02f;
        near = (near * z) + 1.1283705195e-01f;
        near = (near * z) - 3.7612634539e-01f;
        near = (near * z) + 1.2837916675e-01f;
        near = a + (near * a);
        // log(erfc a); from 4 on erf a is 1.
        float t = a > 4f ? 4f : a;
        float far = -1.1521771546e-05f;
        far = (far * t) + 3.2564748447e-04f;
        far = (far * t) - 3.6537427403e-03f;
        far = (far * t) + 2.3785301725e-02f;
        far = (far * t) - 1.0626309301e-01f;
        far = (far * t) - 6.3513594444e-01f;
        far = (far * t) - 1.1286521546e+00f;
        far = 1f - Exp(far * t);
        return MathF.CopySign(a < 0.92f ? near : far, x);
    }

    /// <summary>1 − erf x without the cancellation for large x. Within 2e-6 of the true value, relatively.</summary>
    public static float Erfc(float x)
    {
        float y = MathF.Abs(x);
        if (y <= 0.46875f)
            return 1.0f - ErfNearZero(x);
        if (y > 11.0f)
            return x > 0.0f ? 0.0f : 2.0f;
        float tail = ErfcFarOut(y);
        return x < 0.0f ? 2.0f - tail : tail;
    }

    private static double ErfNearZero(double x)
    {
        double z = x * x;
        double top = 1.85777706184603153e-1 * z;
        top = (top + 3.16112374387056560e00) * z;
        top = (top + 1.13864154151050156e02) * z;
        top = (top + 3.77485237685302021e02) * z;
        double bottom = z;
        bottom = (bottom + 2.36012909523441209e01) * z;
        bottom = (bottom + 2.44024637934444173e02) * z;
        bottom = (bottom + 1.28261652607737228e03) * z;
        return x * (top + 3.20937758913846947e03) / (bottom + 2.84423683343917062e03);
    }

    private static double ErfcFarOut(double y)
    {
        double ratio = y <= 4.0 ? ErfcMiddle(y) : ErfcTail(y);
        // e^(−y²) in two factors: y² itself would be rounded too coarsely.
        double coarse = Math.Floor(y * 16.0) / 16.0;
        return Exp(-coarse * coarse) * Exp(-(y - coarse) * (y + coarse)) * ratio;
    }

    private static double ErfcMiddle(double y)
    {
        double top = 2.15311535474403846e-8 * y;
        top = (top + 5.64188496988670089e-1) * y;
        top = (top + 8.88314979438837594e0) * y;
        top = (top + 6.61191906371416295e01) * y;
        top = (top + 2.98635138197400131e02) * y;
        top = (top + 8.81952221241769090e02) * y;
        top = (top + 1.71204761263407058e03) * y;
        top = (top + 2.05107837782607147e03) * y;
        double bottom = y;
        bottom = (bottom + 1.57449261107098347e01) * y;
        bottom = (bottom + 1.17693950891312499e02) * y;
        bottom = (bottom + 5.37181101862009858e02) * y;
        bottom = (bottom + 1.62138957456669019e03) * y;
        bottom = (bottom + 3.29079923573345963e03) * y;
        bottom = (bottom + 4.36261909014324716e03) * y;
        bottom = (bottom + 3.43936767414372164e03) * y;
        return (top + 1.23033935479799725e03) / (bottom + 1.23033935480374942e03);
    }

    private static double ErfcTail(double y)
    {
        double z = 1.0 / (y * y);
        double top = 1.63153871373020978e-2 * z;
        top = (top + 3.05326634961232344e-1) * z;
        top = (top + 3.60344899949804439e-1) * z;
        top = (top + 1.25781726111229246e-1) * z;
        top = (top + 1.60837851487422766e-2) * z;
        double bottom = z;
        bottom = (bottom + 2.56852019228982242e00) * z;
        bottom = (bottom + 1.87295284992346725e00) * z;
        bottom = (bottom + 5.27905102951428412e-1) * z;
        bottom = (bottom + 6.05183413124413191e-2) * z;
        double rest = z * (top + 6.58749161529837803e-4) / (bottom + 2.33520497626869185e-3);
        return (5.6418958354775628695e-1 - rest) / y;
    }

    private static float ErfNearZero(float x)
    {
        float z = x * x;
        float top = 1.85777706184603153e-1f * z;
        top = (top + 3.16112374387056560e00f) * z;
        top = (top + 1.13864154151050156e02f) * z;
        top = (top + 3.77485237685302021e02f) * z;
        float bottom = z;
        bottom = (bottom + 2.36012909523441209e01f) * z;
        bottom = (bottom + 2.44024637934444173e02f) * z;
        bottom = (bottom + 1.28261652607737228e03f) * z;
        return x * (top + 3.20937758913846947e03f) / (bottom + 2.84423683343917062e03f);
    }

    private static float ErfcFarOut(float y)
    {
        float ratio = y <= 4.0f ? ErfcMiddle(y) : ErfcTail(y);
        // e^(−y²) in two factors: y² itself would be rounded too coarsely.
        float coarse = MathF.Floor(y * 16.0f) / 16.0f;
        return Exp(-coarse * coarse) * Exp(-(y - coarse) * (y + coarse)) * ratio;
    }

    private static float ErfcMiddle(float y)
    {
        float top = 2.15311535474403846e-8f * y;
        top = (top + 5.64188496988670089e-1f) * y;
        top = (top + 8.88314979438837594e0f) * y;
        top = (top + 6.61191906371416295e01f) * y;
        top = (top + 2.98635138197400131e02f) * y;
        top = (top + 8.81952221241769090e02f) * y;
        top = (top + 1.71204761263407058e03f) * y;
        top = (top + 2.05107837782607147e03f) * y;
        float bottom = y;
        bottom = (bottom + 1.57449261107098347e01f) * y;
        bottom = (bottom + 1.17693950891312499e02f) * y;
        bottom = (bottom + 5.37181101862009858e02f) * y;
        bottom = (bottom + 1.62138957456669019e03f) * y;
        bottom = (bottom + 3.29079923573345963e03f) * y;
        bottom = (bottom + 4.36261909014324716e03f) * y;
        bottom = (bottom + 3.43936767414372164e03f) * y;
        return (top + 1.23033935479799725e03f) / (bottom + 1.23033935480374942e03f);
    }

    private static float ErfcTail(float y)
    {
        float z = 1.0f / (y * y);
        float top = 1.63153871373020978e-2f * z;
        top = (top + 3.05326634961232344e-1f) * z;
        top = (top + 3.60344899949804439e-1f) * z;
        top = (top + 1.25781726111229246e-1f) * z;
        top = (top + 1.60837851487422766e-2f) * z;
        float bottom = z;
        bottom = (bottom + 2.56852019228982242e00f) * z;
        bottom = (bottom + 1.87295284992346725e00f) * z;
        bottom = (bottom + 5.27905102951428412e-1f) * z;
        bottom = (bottom + 6.05183413124413191e-2f) * z;
        float rest = z * (top + 6.58749161529837803e-4f) / (bottom + 2.33520497626869185e-3f);
        return (5.6418958354775628695e-1f - rest) / y;
    }
}
