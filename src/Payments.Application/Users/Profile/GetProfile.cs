using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Profile;

public sealed record GetProfile(UserId UserId) : IRequest<Profile>;

/// <param name="Credits">What can be spent now: not held, not expired.</param>
public sealed record Profile(UserId Id, string? Email, long Credits, string? SubscriptionType, DateTimeOffset? SubscriptionExpires);

internal sealed class GetProfileHandler(IUsersDb db, TimeProvider clock) : IRequestHandler<GetProfile, Profile>
{
    public async Task<Profile> Handle(GetProfile query, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Users.AsNoTracking().Where(u => u.Id == query.UserId)
            .Select(u => new Profile(
                u.Id,
                u.Email,
                u.Credits - db.CreditLots.Where(l => l.UserId == u.Id && l.Remaining > 0 && l.ExpiresAt <= now).Sum(l => l.Remaining),
                u.SubscriptionType,
                u.SubscriptionExpires))
            .FirstOrDefaultAsync(cancellationToken) ?? throw UserRefusals.NotFound();
    }
}
