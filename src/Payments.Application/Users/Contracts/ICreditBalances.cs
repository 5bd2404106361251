using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>What people have, for other modules.</summary>
public interface ICreditBalances
{
    /// <summary>What can be spent now: not held, not expired. 0 for nobody.</summary>
    Task<long> SpendableAsync(UserId userId, CancellationToken cancellationToken);
}
