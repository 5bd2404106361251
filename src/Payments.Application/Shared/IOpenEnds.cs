using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>What a module has open for a person with somebody else, and what would still bring news of them: closed before they are forgotten, see <see cref="IErasure"/>.</summary>
public interface IOpenEnds
{
    /// <summary>No transaction is open here; safe to call any number of times.</summary>
    /// <exception cref="Refusal">Something that still runs needs the person.</exception>
    Task CloseAsync(UserId userId, CancellationToken cancellationToken);
}
