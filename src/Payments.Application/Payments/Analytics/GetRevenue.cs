using FluentValidation;
using MediatR;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Analytics;

public enum RevenueUnit
{
    Day,
    Month,
}

/// <summary>What came in, what went back, and what is left, by time, kind of product, product and currency.</summary>
/// <param name="From">Included; a month, or a year for months, before <paramref name="Until"/> when left out.</param>
/// <param name="Until">Not included; now when left out.</param>
public sealed record GetRevenue(RevenueUnit Unit, DateTimeOffset? From, DateTimeOffset? Until) : IRequest<Revenue>;

public sealed record Revenue(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<RevenueLine> Lines);

/// <param name="Period">Its first moment, UTC.</param>
/// <param name="ProductId">Of the pack, plan or item; null for what is none: a free amount of credits, an order of several things.</param>
/// <param name="Gross">Paid in the period, after discount and with tax.</param>
/// <param name="Refunded">Asked back in the period, and not failed.</param>
/// <param name="Lost">To disputes that were closed in the period.</param>
/// <param name="Payments">How many were paid.</param>
/// <param name="Refunds">How many went back, in part or in full.</param>
public sealed record RevenueLine(
    DateTimeOffset Period, PaymentKind Kind, Guid? ProductId, string? ProductName, Money Gross, Money Refunded, Money Lost, long Payments, long Refunds)
{
    public Money Net => Gross - Refunded - Lost;
}

/// <summary>The sums, as the database makes them.</summary>
public interface IRevenueBooks
{
    Task<IReadOnlyList<RevenueLine>> SumAsync(RevenueUnit unit, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken);
}

internal sealed class GetRevenueValidator : AbstractValidator<GetRevenue>
{
    private const int MostDays = 100;
    private const int MostDaysOfMonths = 1100;
    private const string Bounds = "A time is of the years 2000 to 8999.";

    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public GetRevenueValidator()
    {
        RuleFor(q => q.From).InclusiveBetween(Earliest, Latest).WithMessage(Bounds);
        RuleFor(q => q.Until).InclusiveBetween(Earliest, Latest).WithMessage(Bounds);
        RuleFor(q => q.Until).Must((q, until) => until > q.From && until - q.From <= TimeSpan.FromDays(q.Unit == RevenueUnit.Day ? MostDays : MostDaysOfMonths))
        .When(q => q is { From: not null, Until: not null }).WithMessage($"until is later than from, by at most {MostDays} days, or {MostDaysOfMonths} for months.");
    }
}

internal sealed class GetRevenueHandler(IRevenueBooks books, TimeProvider clock) : IRequestHandler<GetRevenue, Revenue>
{
    public async Task<Revenue> Handle(GetRevenue query, CancellationToken cancellationToken)
    {
        var span = query.Unit == RevenueUnit.Day ? TimeSpan.FromDays(31) : TimeSpan.FromDays(365);
        var until = (query.Until ?? query.From + span ?? clock.GetUtcNow()).ToUniversalTime();
        var from = (query.From ?? until - span).ToUniversalTime();
        return new Revenue(from, until, await books.SumAsync(query.Unit, from, until, cancellationToken));
    }
}
