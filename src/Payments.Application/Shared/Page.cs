namespace Payments.Application.Shared;

/// <summary>A keyset page. <paramref name="NextCursor"/> is opaque; null on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
