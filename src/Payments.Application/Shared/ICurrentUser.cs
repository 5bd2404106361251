using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>Who calls, from the verified token; never from a body or a query.</summary>
public interface ICurrentUser
{
    /// <exception cref="InvalidOperationException">The action is open to callers without a user (a wiring mistake).</exception>
    UserId Id { get; }

    string? Email { get; }

    string? Name { get; }

    bool IsInRole(string role);
}
