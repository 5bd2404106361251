using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Payments;
using Payments.Application.Payments.Analytics;
using Payments.Domain.Payments.Charges;

namespace Payments.Api.Admin;

/// <summary>Sums over the books.</summary>
[Route("api/v1/admin/analytics")]
[Authorize(Policy = Policies.Staff)]
public sealed class AnalyticsController(IMediator mediator) : ControllerBase
{
    /// <summary>What came in, what went back and what is left, by day or month, kind of product, product and currency.</summary>
    /// <param name="by">Day when left out.</param>
    /// <param name="from">Included.</param>
    /// <param name="until">Not included.</param>
    [HttpGet("revenue")]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(RevenueResponse), StatusCodes.Status200OK)]
    public async Task<RevenueResponse> Revenue([FromQuery] RevenueUnit? by, [FromQuery] DateTimeOffset? from, [FromQuery] DateTimeOffset? until, CancellationToken cancellationToken) =>
        RevenueResponse.Of(await mediator.Send(new GetRevenue(by ?? RevenueUnit.Day, from, until), cancellationToken));

    /// <summary>Monthly recurring revenue by currency, how subscriptions stand, and by month how they moved: churn and trial conversion.</summary>
    /// <param name="months">How many, the present one included; 12 when left out.</param>
    [HttpGet("subscriptions")]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(SubscriptionFiguresResponse), StatusCodes.Status200OK)]
    public async Task<SubscriptionFiguresResponse> Subscriptions([FromQuery] int? months, CancellationToken cancellationToken) =>
        SubscriptionFiguresResponse.From(await mediator.Send(new GetSubscriptionFigures(months), cancellationToken));
}

public sealed record RevenueResponse(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<RevenueLineResponse> Lines)
{
    internal static RevenueResponse Of(Revenue revenue) => new(revenue.From, revenue.Until, [.. revenue.Lines.Select(RevenueLineResponse.From)]);
}

/// <param name="Period">Its first moment, UTC.</param>
/// <param name="ProductId">The pack, plan or item; null for what is none: a free amount of credits, an order of several things.</param>
/// <param name="Gross">Paid in the period, after discount and with tax.</param>
/// <param name="Refunded">Asked back in the period, and not failed.</param>
/// <param name="Lost">To disputes that were closed in the period.</param>
/// <param name="Net">Gross without refunded and lost.</param>
/// <param name="Payments">How many were paid.</param>
/// <param name="Refunds">How many went back.</param>
public sealed record RevenueLineResponse(
    DateTimeOffset Period, PaymentKind Kind, Guid? ProductId, string? ProductName, MoneyResponse Gross, MoneyResponse Refunded, MoneyResponse Lost, MoneyResponse Net, long Payments, long Refunds)
{
    internal static RevenueLineResponse From(RevenueLine l) => new(
        l.Period, l.Kind, l.ProductId, l.ProductName, MoneyResponse.From(l.Gross), MoneyResponse.From(l.Refunded), MoneyResponse.From(l.Lost), MoneyResponse.From(l.Net), l.Payments, l.Refunds);
}

/// <param name="Recurring">What a month brings in, by currency, of active and past due subscriptions; without discounts and tax.</param>
public sealed record SubscriptionFiguresResponse(
    DateTimeOffset At, IReadOnlyList<MoneyResponse> Recurring, long Active, long Trialing, long PastDue, long Paused, IReadOnlyList<SubscriptionMonthResponse> Months)
{
    internal static SubscriptionFiguresResponse From(SubscriptionFigures f) => new(
        f.At, [.. f.Recurring.Select(MoneyResponse.From)], f.Active, f.Trialing, f.PastDue, f.Paused,
        [.. f.Months.Select(m => new SubscriptionMonthResponse(m.Month, m.AtStart, m.Started, m.Churned, m.ChurnRate, m.TrialsEnded, m.TrialsConverted, m.TrialConversion))]);
}

/// <param name="Month">Its first moment, UTC.</param>
/// <param name="AtStart">Paying when it began.</param>
/// <param name="Started">Began in it.</param>
/// <param name="Churned">Ended in it, after their trial.</param>
/// <param name="ChurnRate">Churned of those at the start, 0.25 for a quarter; null when there were none.</param>
/// <param name="TrialsEnded">Whose trial was over in it.</param>
/// <param name="TrialsConverted">Of those, paid for afterwards.</param>
/// <param name="TrialConversion">Null when no trial ended.</param>
public sealed record SubscriptionMonthResponse(DateTimeOffset Month, long AtStart, long Started, long Churned, decimal? ChurnRate, long TrialsEnded, long TrialsConverted, decimal? TrialConversion);
