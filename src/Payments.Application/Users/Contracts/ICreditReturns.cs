using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>How other modules take back what they granted, and give it back again.</summary>
public interface ICreditReturns
{
    /// <summary>
    /// Brings what is taken back of a payment's lots to the share given, whatever it was before, inside the caller's
    /// transaction and under the user's row lock (call it after every other lock). Saved by the caller's save; the lots
    /// must have been saved before.
    /// </summary>
    /// <returns>The balance now; null when the payment granted no credits.</returns>
    /// <exception cref="Refusal"><c>refund.credits_spent</c></exception>
    Task<long?> SettleAsync(CreditReturn change, CancellationToken cancellationToken);

    /// <summary>What <see cref="SettleAsync"/> would do, were it called now. Locks and moves nothing.</summary>
    /// <returns>Null when the payment granted no credits.</returns>
    /// <exception cref="Refusal"><c>refund.credits_spent</c></exception>
    Task<CreditReturnPreview?> PreviewAsync(CreditReturn change, CancellationToken cancellationToken);
}

/// <param name="TakenBack">In all: what is left of them, what has expired, what was spent.</param>
/// <param name="Expired">Of these: had expired already.</param>
/// <param name="Forgiven">Of these: had been spent, and are let go.</param>
/// <param name="Debt">That would arise: spent, and nothing else there to pay for it.</param>
/// <param name="Balance">What can be spent now.</param>
/// <param name="BalanceAfter">What could be spent then.</param>
public sealed record CreditReturnPreview(long TakenBack, long Expired, long Forgiven, long Debt, long Balance, long BalanceAfter);

/// <param name="Cause">The business fact, unique with the share that it leads to: <c>refund:{id}:succeeded</c>.</param>
/// <param name="Reason">For the statement: <c>refund</c>.</param>
/// <param name="Reference">For the statement: the refund's id.</param>
public sealed record CreditReturn(UserId UserId, PaymentId PaymentId, CreditShare Share, SpentCredits Spent, string Cause, string Reason, string Reference);
