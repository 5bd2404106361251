using FluentValidation;
using MediatR;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Analytics;

/// <summary>How subscriptions stand now, and how they moved by month.</summary>
/// <param name="Months">How many, the present one included; 12 when left out.</param>
public sealed record GetSubscriptionFigures(int? Months) : IRequest<SubscriptionFigures>;

/// <param name="Recurring">What a month brings in, by currency: the price that each active or past due subscription follows, times its seats, brought to a month (52 weeks and 365 days a year) and rounded to the minor unit once for each; without discounts and tax.</param>
public sealed record SubscriptionFigures(DateTimeOffset At, IReadOnlyList<Money> Recurring, long Active, long Trialing, long PastDue, long Paused, IReadOnlyList<SubscriptionMonth> Months);

/// <param name="Month">Its first moment, UTC.</param>
/// <param name="AtStart">Paying (not in trial) when it began.</param>
/// <param name="Started">Began in it, with a trial or without.</param>
/// <param name="Churned">Ended in it after their trial, of those and of later ones.</param>
/// <param name="ChurnRate">Churned of those at the start; null when there were none.</param>
/// <param name="TrialsEnded">Whose trial was over in it.</param>
/// <param name="TrialsConverted">Of those, paid for afterwards.</param>
/// <param name="TrialConversion">Null when no trial ended.</param>
public sealed record SubscriptionMonth(DateTimeOffset Month, long AtStart, long Started, long Churned, decimal? ChurnRate, long TrialsEnded, long TrialsConverted, decimal? TrialConversion)
{
    private const int Digits = 4;

    public static SubscriptionMonth Of(DateTimeOffset month, long atStart, long started, long churned, long trialsEnded, long trialsConverted) =>
        new(month, atStart, started, churned, Rate(churned, atStart), trialsEnded, trialsConverted, Rate(trialsConverted, trialsEnded));

    private static decimal? Rate(long part, long whole) => whole == 0 ? null : Math.Round((decimal)part / whole, Digits);
}

/// <summary>The figures, as the database counts them.</summary>
public interface ISubscriptionBooks
{
    /// <param name="firstMonth">Its first moment, UTC.</param>
    Task<SubscriptionFigures> CountAsync(DateTimeOffset firstMonth, DateTimeOffset now, CancellationToken cancellationToken);
}

internal sealed class GetSubscriptionFiguresValidator : AbstractValidator<GetSubscriptionFigures>
{
    private const int MostMonths = 36;

    public GetSubscriptionFiguresValidator() => RuleFor(q => q.Months).InclusiveBetween(1, MostMonths).WithMessage($"A number of months is from 1 to {MostMonths}.");
}

internal sealed class GetSubscriptionFiguresHandler(ISubscriptionBooks books, TimeProvider clock) : IRequestHandler<GetSubscriptionFigures, SubscriptionFigures>
{
    private const int MonthsShown = 12;

    public Task<SubscriptionFigures> Handle(GetSubscriptionFigures query, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var first = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1 - (query.Months ?? MonthsShown));
        return books.CountAsync(first, now, cancellationToken);
    }
}
