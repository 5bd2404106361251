using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>What a module knows to have happened to a person; <c>Application.Admin</c> merges all of them into one list.</summary>
public interface ITimeline
{
    /// <summary>The newest entries before <paramref name="before"/>, newest first by time and id.</summary>
    Task<IReadOnlyList<TimelineEntry>> PageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);
}

/// <param name="Id">Of the entry: one thing makes several, at different times or at one.</param>
/// <param name="Kind">payment, refund, dispute, subscription, invoice, order, webhook, credits, access, notice; others may come.</param>
/// <param name="What">Kind and verb: <c>payment.succeeded</c>.</param>
/// <param name="SubjectId">Which one: our id, or of a webhook the provider's.</param>
/// <param name="Credits">By how much the spendable balance changed.</param>
/// <param name="Text">For people.</param>
/// <param name="PaymentId">The payment that it belongs to.</param>
public sealed record TimelineEntry(Guid Id, DateTimeOffset At, string Kind, string What, string SubjectId, Money? Amount, long? Credits, string? Text, PaymentId? PaymentId);
