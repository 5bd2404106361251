using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Application.Users.Entitlements;

/// <summary>Whether a user may use something now.</summary>
public sealed record GetAccess(UserId UserId, ResourceReference Resource) : IRequest<AccessDecision>;

internal sealed class GetAccessValidator : AbstractValidator<GetAccess>
{
    public GetAccessValidator() => RuleFor(q => q.Resource).Must(r => r.IsSound).OverridePropertyName("resourceId")
        .WithMessage($"A resource is a type of 1 to {ResourceReference.LongestType} and an id of 1 to {ResourceReference.LongestId} characters, without spaces.");
}

internal sealed class GetAccessHandler(IUsersDb db, TimeProvider clock) : IRequestHandler<GetAccess, AccessDecision>
{
    public async Task<AccessDecision> Handle(GetAccess query, CancellationToken cancellationToken)
    {
        var ((type, id), (anyType, anyId)) = (query.Resource, ResourceReference.Platform);
        var grants = await db.AccessGrants.AsNoTracking()
            .Where(g => g.UserId == query.UserId && ((g.ResourceType == type && g.ResourceId == id) || (g.ResourceType == anyType && g.ResourceId == anyId)))
            .ToListAsync(cancellationToken);
        return AccessDecision.Of(grants, clock.GetUtcNow());
    }
}
