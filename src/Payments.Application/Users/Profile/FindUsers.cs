using FluentValidation;
using MediatR;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Profile;

/// <summary>People by their email: whoever has exactly this one, or else those whose email begins so.</summary>
public sealed record FindUsers(string Email) : IRequest<IReadOnlyList<FoundUser>>;

public sealed record FoundUser(UserId Id, string? Email, string? Name, long Credits, long Held, long Debt, string? SubscriptionType, DateTimeOffset? SubscriptionExpires, DateTimeOffset CreatedAt);

/// <summary>The search, as the database can do it by an index.</summary>
public interface IUserSearch
{
    /// <summary>Whatever its case. Exact matches alone, if there are any; else by the beginning, in the order of the emails.</summary>
    Task<IReadOnlyList<FoundUser>> ByEmailAsync(string email, int count, CancellationToken cancellationToken);

    /// <summary>The emails of these; of whom none is known is missing from the answer.</summary>
    Task<IReadOnlyDictionary<UserId, string>> EmailsAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken);
}

internal sealed class FindUsersValidator : AbstractValidator<FindUsers>
{
    private const int Longest = 254;

    public FindUsersValidator() => RuleFor(q => q.Email).Must(e => e is { Length: >= 3 and <= Longest }).WithMessage($"Write an email, or at least the first three characters of one (most {Longest}).");
}

internal sealed class FindUsersHandler(IUserSearch search) : IRequestHandler<FindUsers, IReadOnlyList<FoundUser>>
{
    private const int MostShown = 100;

    public Task<IReadOnlyList<FoundUser>> Handle(FindUsers query, CancellationToken cancellationToken) => search.ByEmailAsync(query.Email, MostShown, cancellationToken);
}
