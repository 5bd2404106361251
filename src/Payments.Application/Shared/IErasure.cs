using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>How a module forgets who a person is. The books stay: what was paid, granted and given back, by the bare user id.</summary>
public interface IErasure
{
    /// <summary>Inside the caller's transaction; safe to call any number of times.</summary>
    /// <returns>What was forgotten; zeros when there was nothing left to forget.</returns>
    /// <exception cref="Refusal">Something that still runs needs it.</exception>
    Task<IReadOnlyList<Erased>> EraseAsync(UserId userId, CancellationToken cancellationToken);
}

/// <param name="What">users, customers, notifications, webhookEvents, providerCustomers (deletions asked for).</param>
public sealed record Erased(string What, int Count);
