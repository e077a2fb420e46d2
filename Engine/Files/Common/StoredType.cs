namespace MomentumCore.Engine;

/// <summary>The element types that weight files hold; <see cref="StoredTypes"/> says what they become here.</summary>
internal enum StoredType
{
    Bool,
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    UInt64,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,
    Complex64,
    Complex128,
}
