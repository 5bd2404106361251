using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>What other modules may give people.</summary>
public interface IEntitlements
{
    /// <summary>
    /// Adds credits inside the caller's transaction, under the users' row locks (taken in id order; call it after every
    /// other lock). Saved by the caller's save.
    /// </summary>
    /// <returns>The balance after each grant, in the order given.</returns>
    Task<IReadOnlyList<long>> GrantAsync(IReadOnlyList<CreditGrant> grants, CancellationToken cancellationToken);
}

/// <param name="Key">The business fact, unique over all time: <c>grant:payment:{id}</c>.</param>
/// <param name="Credits">1 to 10^15.</param>
public sealed record CreditGrant(UserId UserId, string Key, long Credits, string Reason, string Reference, PaymentId? PaymentId, DateTimeOffset? ExpiresAt);
