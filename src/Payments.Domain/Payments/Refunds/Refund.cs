using System.Collections.Immutable;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Refunds;

/// <summary>In the order in which a refund can move: never back.</summary>
public enum RefundStatus
{
    /// <summary>Saved here; whether the provider knows of it is not known yet.</summary>
    Requested,

    /// <summary>The provider is about to send the money back.</summary>
    Pending,

    Succeeded,

    /// <summary>The money did not go back, even after a success (the card's account is closed).</summary>
    Failed,

    Canceled,
}

public enum RefundReason
{
    Duplicate,
    Fraudulent,
    RequestedByCustomer,
    Other,
}

/// <summary>Who wanted it.</summary>
public enum RefundOrigin
{
    /// <summary>Our staff, through the API.</summary>
    Api,

    /// <summary>Somebody at the provider's own pages.</summary>
    Dashboard,

    /// <summary>This service itself: a second payment for what is owned already, say.</summary>
    Automatic,

    /// <summary>The buyer, within the refund window.</summary>
    SelfService,
}

/// <summary>Money of a payment on its way back. Changed only under its payment's row lock.</summary>
public sealed class Refund
{
    /// <summary>How long a sender has before somebody else takes the request up; by how often it was tried already.</summary>
    private static readonly ImmutableArray<int> MinutesBetweenSends = [1, 2, 4, 8, 16, 32, 60];

    /// <summary>A refund that the provider called pending is asked about again after a day of silence.</summary>
    private static readonly TimeSpan SilenceWhilePending = TimeSpan.FromDays(1);

    private long amountMinor;
    private string currency = "usd";

    private Refund()
    {
    }

    public RefundId Id { get; private set; }

    public PaymentId PaymentId { get; private set; }

    public Money Amount => new(amountMinor, Currency.Of(currency));

    public RefundStatus Status { get; private set; }

    public RefundReason Reason { get; private set; }

    /// <summary>For staff only.</summary>
    public string? Note { get; private set; }

    public RefundOrigin Origin { get; private set; }

    /// <summary>The fact that an automatic refund is the effect of; unique, so that it happens once.</summary>
    public string? EffectKey { get; private set; }

    public UserId? RequestedBy { get; private set; }

    /// <summary>The provider's id, once known.</summary>
    public string? GatewayId { get; private set; }

    /// <summary>The provider's intent or charge that it gives back.</summary>
    public string? SourceId { get; private set; }

    /// <summary>It gives back money that was never this payment's price (it was paid twice), so it takes nothing of what was bought.</summary>
    public bool OfSurplus { get; private set; }

    /// <summary>Issued under the limit of those who may not give back everything, and counted towards it.</summary>
    public bool IsLimited { get; private set; }

    /// <summary>Should it give back all of a subscription's payment, the subscription ends with it.</summary>
    public bool CancelsSubscription { get; private set; } = true;

    /// <summary>The provider's word for why it failed.</summary>
    public string? FailureReason { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it came to its present end; a success may still turn into a failure.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When to send it, or to ask what became of it; null when there is nothing to do.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>How often it was taken up.</summary>
    public int Sends { get; private set; }

    /// <summary>The provider has it, and it has not failed.</summary>
    public bool IsUnderWay => Status is RefundStatus.Pending or RefundStatus.Succeeded;

    /// <summary>Its money is spoken for.</summary>
    public bool Counts => Status is not (RefundStatus.Failed or RefundStatus.Canceled);

    /// <summary>Saved before the provider is asked.</summary>
    public static Refund Request(
        RefundId id, PaymentId paymentId, Money amount, RefundReason reason, RefundOrigin origin, string? effectKey, UserId? requestedBy, string? note, string? sourceId, bool ofSurplus, DateTimeOffset now) =>
        new()
        {
            Id = id,
            PaymentId = paymentId,
            amountMinor = amount.Minor,
            currency = amount.Currency.Code,
            Reason = reason,
            Origin = origin,
            EffectKey = effectKey,
            RequestedBy = requestedBy,
            Note = note,
            SourceId = sourceId,
            OfSurplus = ofSurplus,
            CreatedAt = now,
            DueAt = now,
        };

    /// <summary>Made at the provider without us; its status comes with the first <see cref="Report"/>.</summary>
    public static Refund Found(RefundId id, PaymentId paymentId, string gatewayId, Money amount, RefundReason reason, string? sourceId, bool ofSurplus, DateTimeOffset createdAt) =>
        new()
        {
            Id = id,
            PaymentId = paymentId,
            amountMinor = amount.Minor,
            currency = amount.Currency.Code,
            Reason = reason,
            Origin = RefundOrigin.Dashboard,
            GatewayId = gatewayId,
            SourceId = sourceId,
            OfSurplus = ofSurplus,
            CreatedAt = createdAt,
        };

    /// <summary>How our staff issued it.</summary>
    public void IssuedBy(bool limited, bool cancelsSubscription) => (IsLimited, CancelsSubscription) = (limited, cancelsSubscription);

    /// <summary>Somebody sends it now; nobody else does until that must have ended.</summary>
    public void TakenUp(DateTimeOffset now) =>
        DueAt = now + TimeSpan.FromMinutes(MinutesBetweenSends[Math.Min(Sends++, MinutesBetweenSends.Length - 1)]);

    /// <summary>What the provider says of it, from an answer or an event, in any order and any number of times.</summary>
    /// <returns>Whether it moved.</returns>
    public bool Report(RefundStatus status, string gatewayId, string? failureReason, DateTimeOffset now)
    {
        GatewayId ??= gatewayId;
        if (status <= Status || !Counts)
        {
            // An echo of the past, or a second word after the last one.
            DueAt = Status == RefundStatus.Requested ? DueAt : DueAt is null ? null : now + SilenceWhilePending;
            return false;
        }

        Status = status;
        FailureReason = status == RefundStatus.Failed ? failureReason ?? "unknown" : null;
        CompletedAt = status == RefundStatus.Pending ? null : now;
        DueAt = status == RefundStatus.Pending ? now + SilenceWhilePending : null;
        return true;
    }

    /// <summary>The provider will not make it; what it held is free again.</summary>
    public void Refused(string reason, DateTimeOffset now)
    {
        if (Status == RefundStatus.Requested)
        {
            (Status, FailureReason, CompletedAt, DueAt) = (RefundStatus.Failed, reason, now, null);
        }
    }
}
