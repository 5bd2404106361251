using MediatR;
using Payments.Application.Payments.Checkout;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>What a free amount of credits costs, and how many may be bought at once.</summary>
public sealed record GetCreditAmount : IRequest<CreditAmountView>;

public sealed record CreditAmountView(Money UnitPrice, int Minimum, int Maximum);

internal sealed class GetCreditAmountHandler(CheckoutOptions options) : IRequestHandler<GetCreditAmount, CreditAmountView>
{
    public Task<CreditAmountView> Handle(GetCreditAmount query, CancellationToken cancellationToken) =>
        Task.FromResult(new CreditAmountView(options.CreditUnitPrice, options.CreditMinimum, options.CreditMaximum));
}
