using System.Collections.Immutable;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>Moves returns to the end of a body, where lanes that take different ways can meet again.</summary>
internal static class EarlyReturns
{
    /// <summary>if (c) { …return } rest becomes if (c) { …return } else { rest }.</summary>
    public static ImmutableArray<Stmt> ToTheEnd(ImmutableArray<Stmt> body)
    {
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] is Return)
                return body.RemoveRange(i + 1, body.Length - i - 1);
            if (body[i] is Loop l && Types.Statements([l]).Any(s => s is Return))
                throw new NoSimdForm("it returns from inside a loop");
            if (body[i] is not If choice || !Types.Statements([choice]).Any(s => s is Return))
                continue;
            var (then, otherwise) = (ToTheEnd(choice.Then), ToTheEnd(choice.Else));
            var rest = body.RemoveRange(0, i + 1);
            if (!rest.IsEmpty)
            {
                if (Ends(then))
                    otherwise = ToTheEnd(otherwise.AddRange(rest));
                else if (Ends(otherwise))
                    then = ToTheEnd(then.AddRange(rest));
                else
                    throw new NoSimdForm("a branch returns on some of its ways only");
            }

            return body.RemoveRange(i, body.Length - i).Add(new If(choice.Condition, then, otherwise));
        }

        return body;
    }

    private static bool Ends(ImmutableArray<Stmt> body) => body.LastOrDefault() switch
    {
        Return => true,
        If i => Ends(i.Then) && Ends(i.Else),
        _ => false,
    };
}
