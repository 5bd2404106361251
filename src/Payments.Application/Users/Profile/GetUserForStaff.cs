using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Profile;

/// <summary>Anybody, by id.</summary>
public sealed record GetUserForStaff(UserId UserId) : IRequest<FoundUser>;

internal sealed class GetUserForStaffHandler(IUsersDb db) : IRequestHandler<GetUserForStaff, FoundUser>
{
    public async Task<FoundUser> Handle(GetUserForStaff query, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().Where(u => u.Id == query.UserId)
            .Select(u => new FoundUser(u.Id, u.Email, u.Name, u.Credits, u.Held, u.Debt, u.SubscriptionType, u.SubscriptionExpires, u.CreatedAt)).FirstOrDefaultAsync(cancellationToken)
        ?? throw UserRefusals.NotFound();
}
