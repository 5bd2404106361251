using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>A payment as it is shown.</summary>
/// <param name="Amount">What was taken; until it is known, what was agreed.</param>
public sealed record PaymentView(
    PaymentId Id,
    PaymentKind Kind,
    PaymentStatus Status,
    Money Amount,
    Money Refunded,
    string? SessionId,
    string Description,
    FailureView? Failure,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt)
{
    /// <summary>Where its buyer may go on paying, until then.</summary>
    public (string Url, DateTimeOffset ExpiresAt)? OpenPage { get; private init; }

    /// <summary>It was paid and bought nothing: the money goes back.</summary>
    public UndeliveredReason? Undelivered { get; private init; }

    /// <summary>As its buyer sees it, who may still have to pay it.</summary>
    public static PaymentView ForBuyer(Payment payment, DateTimeOffset now) =>
        From(payment) with { OpenPage = payment.OpenPage(now) is { } url ? (url, payment.SessionExpiresAt!.Value) : null };

    public static PaymentView From(Payment payment) => new(
        payment.Id,
        payment.Kind,
        payment.Status,
        payment.Total ?? payment.Amount,
        payment.Refunded,
        payment.SessionId,
        payment.Description,
        payment.FailureCode is { } code ? new FailureView(code, payment.FailureMessage) : null,
        payment.CreatedAt,
        payment.CompletedAt)
    {
        Undelivered = payment.Undelivered,
    };
}

public sealed record FailureView(string Code, string? Message);
