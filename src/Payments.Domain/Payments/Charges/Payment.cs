using System.Collections.Immutable;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

/// <summary>
/// One purchase and what became of its money. The row is the lock under which everything about it happens.
/// </summary>
public sealed class Payment
{
    /// <summary>Before the provider is asked, by how often it was asked already; the last one from then on.</summary>
    private static readonly ImmutableArray<int> MinutesOfSilence = [2, 6, 18, 54, 162, 486, 1458];

    /// <summary>So often an intent is asked for that its buyer has left lying: about a month.</summary>
    private const int MostChecksOfAnOpenIntent = 35;

    private long amountMinor;
    private long unitPriceMinor;
    private string currency = "usd";
    private long discountMinor;
    private long taxMinor;
    private long? totalMinor;

    private Payment()
    {
    }

    private Payment(PaymentId id, UserId userId, PaymentFlow flow, PaymentTerms terms, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        Flow = flow;
        Kind = terms.Kind;
        CreditPackId = terms.CreditPackId;
        Description = terms.Description;
        Quantity = terms.Quantity;
        unitPriceMinor = terms.UnitPrice.Minor;
        amountMinor = terms.Subtotal.Minor;
        currency = terms.UnitPrice.Currency.Code;
        Credits = terms.Credits;
        CreditsExpireAfterDays = terms.CreditsExpireAfterDays;
        RefundPolicy = terms.RefundPolicy;
        CreatedAt = now;
    }

    public PaymentId Id { get; private set; }

    public UserId UserId { get; private set; }

    public PaymentFlow Flow { get; private set; }

    public PaymentKind Kind { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>Agreed with the buyer, before discount and tax.</summary>
    public Money Amount => new(amountMinor, Currency.Of(currency));

    public Money UnitPrice => new(unitPriceMinor, Currency.Of(currency));

    public int Quantity { get; private set; }

    /// <summary>What was really taken, after discount and tax; null until known.</summary>
    public Money? Total => totalMinor is { } minor ? new Money(minor, Currency.Of(currency)) : null;

    public Money Discount => new(discountMinor, Currency.Of(currency));

    public Money Tax => new(taxMinor, Currency.Of(currency));

    public Money Refunded => new(RefundedMinor, Currency.Of(currency));

    private long RefundedMinor { get; set; }

    public string Description { get; private set; } = "";

    public CreditPackId? CreditPackId { get; private set; }

    /// <summary>Credits that it grants once paid.</summary>
    public long Credits { get; private set; }

    public int? CreditsExpireAfterDays { get; private set; }

    public RefundPolicy RefundPolicy { get; private set; }

    public string? PromotionCode { get; private set; }

    /// <summary>The caller's Idempotency-Key, by which a retry finds what its predecessor saved.</summary>
    public string? RequestKey { get; private set; }

    public string? SessionId { get; private set; }

    public string? SessionUrl { get; private set; }

    public DateTimeOffset? SessionExpiresAt { get; private set; }

    public string? IntentId { get; private set; }

    public string? ChargeId { get; private set; }

    public string? FailureCode { get; private set; }

    /// <summary>May be shown to the buyer.</summary>
    public string? FailureMessage { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When to ask the provider, should no event have come; null when there is nothing to ask, or nobody is expected to pay any more.</summary>
    public DateTimeOffset? NextCheckAt { get; private set; }

    /// <summary>How often it was asked, since it last moved after having been given up.</summary>
    public int Checks { get; private set; }

    /// <summary>The row's version, to tell whether anything happened between a fetch and its application.</summary>
    public uint Version { get; private set; }

    /// <summary>Money has come in and was not fully given back or lost.</summary>
    public bool IsPaid => CompletedAt is not null;

    /// <summary>Nothing more can come of it.</summary>
    public bool IsOver => Status is PaymentStatus.Canceled or PaymentStatus.Expired || IsPaid;

    public static Payment Open(PaymentId id, UserId userId, PaymentFlow flow, PaymentTerms terms, string? promotionCode, string? requestKey, DateTimeOffset? sessionExpiresAt, DateTimeOffset now) =>
        new(id, userId, flow, terms, now)
        {
            PromotionCode = promotionCode,
            RequestKey = requestKey,
            SessionExpiresAt = sessionExpiresAt,
            NextCheckAt = now + TimeSpan.FromMinutes(1),
        };

    /// <summary>The provider has opened the hosted page.</summary>
    public void SessionOpened(string sessionId, string? url, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        SessionId ??= sessionId;
        SessionUrl = url ?? SessionUrl;
        SessionExpiresAt = expiresAt;
        ScheduleCheck(now);
    }

    /// <summary>The provider has made the intent.</summary>
    public void IntentOpened(string intentId, DateTimeOffset now)
    {
        IntentId ??= intentId;
        ScheduleCheck(now);
    }

    /// <summary>The provider will not open it at all; nothing can be paid.</summary>
    public void OpeningRefused(string code, string message)
    {
        if (!IsOver)
        {
            Status = PaymentStatus.Failed;
            (FailureCode, FailureMessage, NextCheckAt) = (code, message, null);
        }
    }

    /// <summary>Applies what the provider says. The only way a payment moves.</summary>
    /// <param name="now">The time of the change, for <see cref="CompletedAt"/> and the next check.</param>
    public ReportEffect Report(PaymentReport report, DateTimeOffset now)
    {
        if (report.State == ReportedState.Paid)
        {
            return ReportPaid(report, now);
        }

        Remember(report);
        if (IsOver)
        {
            return ReportEffect.None;
        }

        // The hosted page decides when it closes; a cancelled intent beneath it is only its shadow.
        var next = report.State switch
        {
            ReportedState.Open => PaymentStatus.Pending,
            ReportedState.RequiresAction => PaymentStatus.RequiresAction,
            ReportedState.Processing => PaymentStatus.Processing,
            ReportedState.Failed => PaymentStatus.Failed,
            ReportedState.Canceled => Flow == PaymentFlow.Intent ? PaymentStatus.Canceled : Status,
            _ => PaymentStatus.Expired,
        };

        // "Open" is where everything begins, so as an event it is an echo; only a fresh answer leads back to it.
        if (next == Status || (next == PaymentStatus.Pending && !report.IsFresh))
        {
            return ReportEffect.None;
        }

        var forward = next is PaymentStatus.Canceled or PaymentStatus.Expired || Status == PaymentStatus.Pending;
        if (!forward && !report.IsFresh)
        {
            return ReportEffect.Doubtful;
        }

        Status = next;
        (FailureCode, FailureMessage) = next == PaymentStatus.Failed ? (report.FailureCode ?? "payment_failed", report.FailureMessage) : (null, null);
        if (IsOver)
        {
            NextCheckAt = null;
        }
        else if (NextCheckAt is null)
        {
            // What had been given up has moved once more: it is asked about from the beginning.
            Checks = 0;
            ScheduleCheck(now);
        }

        return ReportEffect.Changed;
    }

    /// <summary>The provider was asked and nothing came of it yet: when to ask again.</summary>
    public void Checked(DateTimeOffset now)
    {
        Checks++;
        ScheduleCheck(now);
    }

    private ReportEffect ReportPaid(PaymentReport report, DateTimeOffset now)
    {
        if (IsPaid)
        {
            if (IsAnotherPurchase(report))
            {
                return ReportEffect.PaidTwice;
            }

            // The session may be heard after its intent, which could not know the subtotal.
            if ((report.Subtotal is not null || Flow == PaymentFlow.Intent) && Disagrees(report))
            {
                return ReportEffect.Mismatch;
            }

            var known = (IntentId, ChargeId, totalMinor, SessionId);
            Remember(report);
            RememberTotals(report);
            return known == (IntentId, ChargeId, totalMinor, SessionId) ? ReportEffect.None : ReportEffect.Changed;
        }

        // Under a hosted page the intent's amount is after discount and tax: only the session can tell whether it is right.
        if (report.Subtotal is null && (report.Total is null || (Flow == PaymentFlow.Checkout && report.Total != Amount)))
        {
            return ReportEffect.Doubtful;
        }

        if (Disagrees(report))
        {
            return ReportEffect.Mismatch;
        }

        // What was paid, not what was tried before: refunds go there.
        SessionId = report.SessionId ?? SessionId;
        IntentId = report.IntentId ?? IntentId;
        Remember(report);
        RememberTotals(report);
        Status = PaymentStatus.Succeeded;
        CompletedAt = now;
        (FailureCode, FailureMessage, NextCheckAt) = (null, null, null);
        return ReportEffect.Succeeded;
    }

    /// <summary>Told by the intents, which take the money, or by the sessions where one had none (nothing was due).</summary>
    private bool IsAnotherPurchase(PaymentReport report) =>
        report.IntentId is { } said && IntentId is { } ours
            ? said != ours
            : report.SessionId is { } page && SessionId is { } ourPage && page != ourPage;

    /// <summary>A hosted checkout tells its subtotal, which must be the agreed one; a bare intent's whole amount must be.</summary>
    private bool Disagrees(PaymentReport report) =>
        (report.Subtotal ?? report.Total) is { } said && said != Amount;

    private void Remember(PaymentReport report)
    {
        SessionId ??= report.SessionId;
        IntentId ??= report.IntentId;
        ChargeId ??= report.State == ReportedState.Paid ? report.ChargeId : null;
    }

    private void RememberTotals(PaymentReport report)
    {
        if (report.Subtotal is not null || totalMinor is null)
        {
            totalMinor = report.Total?.Minor ?? totalMinor;
            discountMinor = report.Discount?.Minor ?? 0;
            taxMinor = report.Tax?.Minor ?? 0;
        }
    }

    /// <summary>After three times as much silence each time, up to a day, and once the hosted page must have closed.</summary>
    private void ScheduleCheck(DateTimeOffset now)
    {
        if (IsOver || IsGivenUp(now))
        {
            NextCheckAt = null;
            return;
        }

        var next = now + TimeSpan.FromMinutes(MinutesOfSilence[Math.Min(Checks, MinutesOfSilence.Length - 1)]);
        NextCheckAt = SessionExpiresAt is { } closes && closes > now && closes < next ? closes + TimeSpan.FromSeconds(30) : next;
    }

    /// <summary>
    /// Asked through the whole schedule, and nobody can pay it any more, or seems to want to: asking would go on for ever.
    /// An event still revives it. What the provider itself has to decide (a debit under way) is never given up.
    /// </summary>
    private bool IsGivenUp(DateTimeOffset now) => Status switch
    {
        PaymentStatus.Failed => Checks >= MinutesOfSilence.Length && !(SessionExpiresAt > now),
        PaymentStatus.Pending or PaymentStatus.RequiresAction => Flow == PaymentFlow.Intent && Checks >= MostChecksOfAnOpenIntent,
        _ => false,
    };
}
