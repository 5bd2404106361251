using FluentValidation;

namespace Payments.Application.Shared;

/// <summary>A query for one page: how many, and after which cursor.</summary>
public interface IPaged
{
    int? Limit { get; }

    string? Cursor { get; }
}

internal static class Paging
{
    public static int LimitOf(this IPaged query) => query.Limit ?? Shared.Cursor.DefaultLimit;

    /// <summary>The one rule for page sizes.</summary>
    public static void PageRules<T>(this AbstractValidator<T> validator)
        where T : IPaged => validator.RuleFor(q => q.Limit).InclusiveBetween(1, Shared.Cursor.MaximumLimit)
            .WithMessage($"A limit is a whole number from 1 to {Shared.Cursor.MaximumLimit}.");
}
