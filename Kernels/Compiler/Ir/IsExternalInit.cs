namespace System.Runtime.CompilerServices;

/// <summary>Lets netstandard2.0 code use records: the compiler looks for this type by name.</summary>
internal static class IsExternalInit;
