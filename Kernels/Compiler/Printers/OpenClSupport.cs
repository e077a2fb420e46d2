using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>The few functions that OpenCL C 1.2 lacks or defines otherwise than C#; only those in use are written.</summary>
internal static class OpenClSupport
{
    /// <summary>The layout of StridedLayout, and the offset of an operand's element in it.</summary>
    public const string Layout =
        """
        typedef struct { long strides[48]; int sizes[8]; int rank; int count; int contiguous; int unused; } Layout;
        static long layout_offset(const Layout* layout, int operand, int index)
        {
            long offset = 0;
            for (int axis = layout->rank - 1; axis >= 0; axis--)
            {
                int size = layout->sizes[axis], rest = index / size;
                offset += (index - rest * size) * layout->strides[operand * 8 + axis];
                index = rest;
            }
            return offset;
        }

        """;

    public static string For(KernelTree kernel)
    {
        var text = new StringBuilder();
        foreach (var (kind, type) in Types.Intrinsics(kernel).Distinct())
        {
            if (kind is IntrinsicKind.Min or IntrinsicKind.Max && type.IsFloat())
                text.Append(MinMax(kind, OpenClPrinter.Type(type)));
        }

        foreach (var division in Types.Expressions(kernel).Where(Types.CanFault).Cast<Binary>().GroupBy(DivisionName).Select(g => g.First()))
            text.Append(Division(division));
        foreach (var atomic in Types.Atomics(kernel).GroupBy(AtomicName).Select(g => g.First()))
            text.Append(Atomic(atomic));
        foreach (var group in Types.GroupOps(kernel).GroupBy(GroupName).Select(g => g.First()))
            text.Append(Group(group));
        return text.ToString();
    }

    public static string AtomicName(AtomicOp atomic) =>
        $"atomic_{atomic.Kind.ToString().ToLowerInvariant()}_{OpenClPrinter.Type(atomic.Type)}_{(atomic.Place.View.Space == Space.Global ? "global" : "local")}";

    public static string GroupName(GroupOp group) =>
        $"group_{group.Kind.ToString().ToLowerInvariant()}_{OpenClPrinter.Type(group.Arguments[0].Type)}";

    // fmin and fmax drop a NaN and leave the order of zeros open; C# keeps the NaN and orders −0 before 0.
    private static string MinMax(IntrinsicKind kind, string type)
    {
        string name = kind == IntrinsicKind.Min ? "min" : "max";
        string better = kind == IntrinsicKind.Min ? "a < b" : "a > b";
        string zero = kind == IntrinsicKind.Min ? "signbit(a) ? a : b" : "signbit(a) ? b : a";
        return $"static {type} {name}_{type}({type} a, {type} b) {{ return isnan(a) ? a : isnan(b) ? b : a == b ? ({zero}) : {better} ? a : b; }}\n";
    }

    public static string DivisionName(Binary division) =>
        $"{(division.Kind == BinaryKind.Divide ? "divide" : "remainder")}_{OpenClPrinter.Type(division.Type)}";

    // Undefined in C, and the end of the process on a CPU. The divisor becomes 1 instead, without a branch.
    private static string Division(Binary division)
    {
        string type = OpenClPrinter.Type(division.Type);
        string wraps = division.Type.IsSigned() ? $" | ((b == -1) & (a == {type.ToUpperInvariant()}_MIN))" : "";
        string result = division.Kind == BinaryKind.Divide ? "b == 0 ? 0 : a / by" : "b == 0 ? a : a % by";
        return $"static {type} {DivisionName(division)}({type} a, {type} b) {{ {type} by = ((b == 0){wraps}) ? 1 : b; return {result}; }}\n";
    }

    private static string Atomic(AtomicOp atomic)
    {
        string type = OpenClPrinter.Type(atomic.Type);
        string space = atomic.Place.View.Space == Space.Global ? "__global" : "__local";
        string name = AtomicName(atomic);
        string prefix = atomic.Type.Bytes() == 8 ? "atom_" : "atomic_";
        if (atomic.Type.IsFloat())
            return FloatAtomic(atomic, type, space, name, prefix);
        return atomic.Kind switch
        {
            AtomicKind.Exchange => $"static {type} {name}(volatile {space} {type}* p, {type} v) {{ return {prefix}xchg(p, v); }}\n",
            // C#'s order: value, then what it is compared with, as in Atomic.CompareExchange(ref t, compare, value).
            AtomicKind.CompareExchange => $"static {type} {name}(volatile {space} {type}* p, {type} compare, {type} v) {{ return {prefix}cmpxchg(p, compare, v); }}\n",
            _ => $"static {type} {name}(volatile {space} {type}* p, {type} v) {{ return {prefix}{atomic.Kind.ToString().ToLowerInvariant()}(p, v); }}\n",
        };
    }

    // No float atomics in 1.2: compare and exchange the bits until nobody came between.
    private static string FloatAtomic(AtomicOp atomic, string type, string space, string name, string prefix)
    {
        string bits = atomic.Type == Scalar.F32 ? "uint" : "ulong";
        if (atomic.Kind == AtomicKind.Exchange)
            return $"static {type} {name}(volatile {space} {type}* p, {type} v) {{ return as_{type}({prefix}xchg((volatile {space} {bits}*)p, as_{bits}(v))); }}\n";
        if (atomic.Kind == AtomicKind.CompareExchange)
            return $"static {type} {name}(volatile {space} {type}* p, {type} compare, {type} v) {{ return as_{type}({prefix}cmpxchg((volatile {space} {bits}*)p, as_{bits}(compare), as_{bits}(v))); }}\n";
        string next = atomic.Kind switch
        {
            AtomicKind.Add => "old + v",
            AtomicKind.Min => "isnan(old) || old < v ? old : v",
            _ => "isnan(old) || old > v ? old : v",
        };
        return $"static {type} {name}(volatile {space} {type}* p, {type} v)\n{{\n    volatile {space} {bits}* q = (volatile {space} {bits}*)p;\n" +
            $"    {bits} seen = *q, before;\n    {type} old;\n    do {{ before = seen; old = as_{type}(before); seen = {prefix}cmpxchg(q, before, as_{bits}({next})); }} while (seen != before);\n" +
            $"    return as_{type}(seen);\n}}\n";
    }

    // Votes go through one word of local memory that the kernel declares; OpenCL 1.2 has no group functions.
    private static string Group(GroupOp group)
    {
        string type = OpenClPrinter.Type(group.Arguments[0].Type);
        string name = GroupName(group);
        const string First = "(get_local_id(0) + get_local_id(1) + get_local_id(2)) == 0";
        const string Wait = "barrier(CLK_LOCAL_MEM_FENCE)";
        if (group.Kind == GroupKind.Broadcast)
        {
            return $"static {type} {name}({type} value, int from, volatile __local {type}* cell)\n{{\n" +
                $"    int linear = (int)(get_local_id(0) + get_local_size(0) * (get_local_id(1) + get_local_size(1) * get_local_id(2)));\n" +
                $"    {Wait};\n    if (linear == from) *cell = value;\n    {Wait};\n    {type} result = *cell;\n    {Wait};\n    return result;\n}}\n";
        }

        string result = group.Kind switch
        {
            GroupKind.PopCount => "total",
            GroupKind.And => "total == (int)(get_local_size(0) * get_local_size(1) * get_local_size(2))",
            _ => "total != 0",
        };
        return $"static int {name}(int value, volatile __local int* cell)\n{{\n" +
            $"    {Wait};\n    if ({First}) *cell = 0;\n    {Wait};\n    if (value) atomic_inc(cell);\n    {Wait};\n" +
            $"    int total = *cell;\n    {Wait};\n    return {result};\n}}\n";
    }

    /// <summary>The local word that a group operation works through.</summary>
    public static string Cell(GroupOp group) => $"vote_{OpenClPrinter.Type(group.Arguments[0].Type)}";
}
