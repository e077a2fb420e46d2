using System.Reflection;
using System.Text.RegularExpressions;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>The generated launcher of one form of a kernel, to be called with the arguments of a launch.</summary>
internal sealed partial class KernelLauncher
{
    private readonly MethodInfo _method;
    private readonly Type[] _parameters;

    private KernelLauncher(KernelInfo kernel, MethodInfo method, bool isStrided)
    {
        Kernel = kernel;
        IsStrided = isStrided;
        _method = method;
        _parameters = ParametersOf(method);
        Arguments = [.. _parameters.SelectMany(Parts)];
    }

    /// <summary>Every form of every kernel of the library, over gapless and over strided views.</summary>
    public static IReadOnlyDictionary<KernelInfo, KernelLauncher> All { get; } = Find().ToDictionary(l => l.Kernel);

    public KernelInfo Kernel { get; }

    public bool IsStrided { get; }

    /// <summary>As in the catalogue: class and method.</summary>
    public string Name => $"{_method.DeclaringType!.Name}.{_method.Name}";

    /// <summary>Types of the arguments as a device gets them, structs taken apart.</summary>
    public Type[] Arguments { get; }

    public static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);

    /// <param name="device">Where.</param>
    /// <param name="extent">A count, a layout or groups.</param>
    /// <param name="parts">As <see cref="Arguments"/>.</param>
    public void Launch(Device device, object extent, IEnumerable<object> parts)
    {
        var rest = new Queue<object>(parts);
        _method.Invoke(
            null, BindingFlags.DoNotWrapExceptions, null, [device, extent, .. _parameters.Select(p => Join(p, rest))], null);
    }

    public override string ToString() => $"{Kernel.FullName}{(IsStrided ? " strided" : "")}";

    private static IEnumerable<KernelLauncher> Find()
    {
        const BindingFlags Own = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (var family in typeof(Arithmetic).Assembly.GetTypes())
        {
            foreach (var field in family.GetFields(Own).Where(f => f.FieldType == typeof(KernelInfo)))
            {
                var kernel = (KernelInfo)field.GetValue(null)!;
                bool isStrided = field.Name.EndsWith("StridedInfo", StringComparison.Ordinal);
                yield return new KernelLauncher(kernel, Overload(family, kernel, isStrided), isStrided);
            }
        }
    }

    /// <summary>The overload whose parameters are those of the OpenCL source.</summary>
    private static MethodInfo Overload(Type family, KernelInfo kernel, bool isStrided)
    {
        string[] wanted = [.. Parameter().Matches(Head().Match(kernel.OpenClSource!).Groups["list"].Value)
            .Where(m => !m.Groups["name"].Value.StartsWith("launch_", StringComparison.Ordinal))
            .Select(m => m.Groups["type"].Value)];
        return family.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Single(m => m.Name == kernel.Name && m.GetParameters() is [{ } device, { } extent, ..]
                && device.ParameterType == typeof(Device)
                && (isStrided
                    ? extent.ParameterType == typeof(StridedLayout).MakeByRefType()
                    : extent.ParameterType == typeof(int) || extent.ParameterType == typeof(KernelConfig))
                && ParametersOf(m).SelectMany(Parts).SelectMany(OpenClTypes).SequenceEqual(wanted));
    }

    private static Type[] ParametersOf(MethodInfo method) =>
        [.. method.GetParameters().Skip(2).Select(p => p.ParameterType.IsByRef ? p.ParameterType.GetElementType()! : p.ParameterType)];

    private static string[] OpenClTypes(Type type) =>
        IsView(type) ? [$"__global {Word(type.GetGenericArguments()[0])}*", "long", "long"] : [Word(type)];

    private static string Word(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean or TypeCode.Int32 => "int",
        TypeCode.SByte => "char",
        TypeCode.Byte => "uchar",
        TypeCode.Int16 => "short",
        TypeCode.UInt16 => "ushort",
        TypeCode.UInt32 => "uint",
        TypeCode.Int64 => "long",
        TypeCode.UInt64 => "ulong",
        TypeCode.Single => "float",
        TypeCode.Double => "double",
        _ => throw new NotSupportedException($"no word of OpenCL for {type}"),
    };

    private static IEnumerable<Type> Parts(Type type) =>
        IsView(type) || type.IsPrimitive || type.IsEnum ? [type] : Fields(type).SelectMany(f => Parts(f.FieldType));

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(f => f.MetadataToken);

    private static object Join(Type type, Queue<object> parts)
    {
        if (IsView(type) || type.IsPrimitive || type.IsEnum)
            return parts.Dequeue();
        object whole = Activator.CreateInstance(type)!;
        foreach (var field in Fields(type))
            field.SetValue(whole, Join(field.FieldType, parts));
        return whole;
    }

    [GeneratedRegex(@"__kernel void \w+\((?<list>.*)\)")]
    private static partial Regex Head();

    [GeneratedRegex(@"(?<type>(__global |__local )?\w+\*?) (?<name>\w+)(, |$)")]
    private static partial Regex Parameter();
}
