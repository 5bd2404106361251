using Payments.Application.Shared;

namespace Payments.Api;

/// <summary>One page of a list.</summary>
/// <param name="NextCursor">For <c>cursor</c> of the next call; null on the last page.</param>
public sealed record ListResponse<T>(IReadOnlyList<T> Items, string? NextCursor);

internal static class ListResponse
{
    public static ListResponse<T> From<TSource, T>(Page<TSource> page, Func<TSource, T> item) => new([.. page.Items.Select(item)], page.NextCursor);
}
