using MediatR;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>What the live stream says of the balance.</summary>
public sealed record ReadLiveCredits(UserId UserId) : IRequest<long>;

internal sealed class ReadLiveCreditsHandler(ICreditBalances balances) : IRequestHandler<ReadLiveCredits, long>
{
    public Task<long> Handle(ReadLiveCredits query, CancellationToken cancellationToken) => balances.SpendableAsync(query.UserId, cancellationToken);
}
