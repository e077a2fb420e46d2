using System.Reflection;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>
/// Marks the naive reference of an operation: <c>static NdArray F(OpExample example, NdArray[] inputs)</c>.
/// </summary>
/// <param name="op">The operation's type name without "Op".</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ReferenceAttribute(string op) : Attribute
{
    private static readonly Dictionary<string, MethodInfo> Methods = typeof(ReferenceAttribute).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .SelectMany(m => m.GetCustomAttributes<ReferenceAttribute>().Select(a => (a.Op, m)))
        .ToDictionary(p => p.Op, p => p.m);

    public string Op { get; } = op;

    public static bool Has(string op) => Methods.ContainsKey(op);

    public static NdArray Compute(OpCase test, double[][] values)
    {
        NdArray[] inputs = [.. test.Example.Inputs.Select((input, i) => new NdArray([.. input.Shape], [.. values[i]]))];
        return (NdArray)Methods[test.Name].Invoke(null, [test.Example, inputs])!;
    }
}
