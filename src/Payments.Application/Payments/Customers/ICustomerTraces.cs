using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>What the provider's stored events say of a person.</summary>
public interface ICustomerTraces
{
    /// <summary>Takes email, name, address and the like out of every stored event about a user, inside the caller's transaction. Answers out of how many.</summary>
    Task<int> ForgetAsync(UserId userId, CancellationToken cancellationToken);
}
