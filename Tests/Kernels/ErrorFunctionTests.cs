using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>erf and erfc against values with 19 digits, in both element types.</summary>
[TestFixture]
internal sealed class ErrorFunctionTests
{
    // Computed with 30 digits.
    [TestCase(1e-300, 1.128379167095512602e-300, 1.0)]
    [TestCase(1e-08, 1.12837916709551256e-8, 0.999999988716208329)]
    [TestCase(0.1, 0.1124629160182848984, 0.8875370839817151016)]
    [TestCase(0.3, 0.3286267594591274162, 0.6713732405408725838)]
    [TestCase(0.46875, 0.4926134732179379916, 0.5073865267820620084)]
    [TestCase(0.47, 0.4937450508860821124, 0.5062549491139178876)]
    [TestCase(0.9, 0.7969082124228321397, 0.2030917875771678603)]
    [TestCase(1.5, 0.9661051464753107271, 0.03389485352468927293)]
    [TestCase(2.25, 0.9985372834133188483, 0.001462716586681151698)]
    [TestCase(3.2, 0.9999939742388482379, 6.025761151762087813e-6)]
    [TestCase(3.99, 0.9999999832607886355, 1.673921136452081406e-8)]
    [TestCase(4.01, 0.9999999858030605786, 1.419693942137105117e-8)]
    [TestCase(5.5, 0.9999999999999926422, 7.357847917974398063e-15)]
    [TestCase(-0.2, -0.2227025892104784662, 1.222702589210478466)]
    [TestCase(-0.8, -0.7421009647076605126, 1.742100964707660513)]
    [TestCase(-2.5, -0.9995930479825550411, 1.999593047982555041)]
    [TestCase(7, 1, 4.183825607779414399e-23)]
    [TestCase(10.5, 1, 7.035928090177522687e-50)]
    [TestCase(20, 1, 5.395865611607900929e-176)]
    [TestCase(26, 1, 5.663192408856142846e-296)]
    public void Erf_and_erfc_are_as_accurate_as_their_docs_say(double x, double erf, double erfc)
    {
        Assert.That(XMath.Erf(x), Is.EqualTo(erf).Within(1e-15 * Math.Abs(erf)));
        Assert.That(XMath.Erfc(x), Is.EqualTo(erfc).Within(3e-15 * erfc));
        // In float where argument and result are ordinary floats; the argument is rounded first, which erfc feels.
        if (Math.Abs(x) is < 1e-30 or > 9)
            return;
        double slope = 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * ((float)x - x);
        Assert.That((double)XMath.Erf((float)x), Is.EqualTo(erf + slope).Within(3e-7 * Math.Abs(erf)));
        Assert.That((double)XMath.Erfc((float)x), Is.EqualTo(erfc - slope).Within(2e-6 * erfc));
    }

    [Test]
    public void The_ends_and_NaN_are_exact()
    {
        Assert.That(XMath.Erf(0.0), Is.Zero);
        Assert.That(XMath.Erf(double.PositiveInfinity), Is.EqualTo(1));
        Assert.That(XMath.Erf(float.NegativeInfinity), Is.EqualTo(-1));
        Assert.That(XMath.Erfc(double.PositiveInfinity), Is.Zero);
        Assert.That(XMath.Erfc(float.NegativeInfinity), Is.EqualTo(2));
        Assert.That(XMath.Erf(double.NaN), Is.NaN);
        Assert.That(XMath.Erf(float.NaN), Is.NaN);
        Assert.That(XMath.Erfc(double.NaN), Is.NaN);
        Assert.That(XMath.Erfc(float.NaN), Is.NaN);
    }

    [Test]
    public void Float_and_double_agree_on_a_fine_grid()
    {
        double worstErf = 0, worstErfc = 0;
        for (float x = -6; x < 9; x += 1f / 512)
        {
            worstErf = Math.Max(worstErf, Math.Abs((XMath.Erf(x) / XMath.Erf((double)x)) - 1));
            worstErfc = Math.Max(worstErfc, Math.Abs((XMath.Erfc(x) / XMath.Erfc((double)x)) - 1));
            if (x == -1f / 512)
                x += 1f / 512; // 0/0
        }

        Assert.That(worstErf, Is.LessThan(3e-7));
        Assert.That(worstErfc, Is.LessThan(2e-6));
    }
}
