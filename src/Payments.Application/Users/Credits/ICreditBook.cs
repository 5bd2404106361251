using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>The ledger's lines of a time, a few at a time, in the order in which they were written.</summary>
public interface ICreditBook
{
    IAsyncEnumerable<BookedCredits> CreditsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken);
}

/// <param name="Change">By how much the spendable balance changed.</param>
public sealed record BookedCredits(Guid Id, UserId UserId, CreditTransactionKind Kind, long Change, long Balance, string Reason, string Reference, PaymentId? PaymentId, DateTimeOffset At);
