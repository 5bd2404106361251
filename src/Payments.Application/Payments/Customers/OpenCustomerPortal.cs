using FluentValidation;
using MediatR;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>Where the web app lives: scheme, host and port, lower case. From <c>FRONTEND_URL</c>; at least one.</summary>
public sealed record WebAppOrigins(IReadOnlyList<string> Origins);

/// <summary>
/// Opens the provider's page for the caller's own cards, subscriptions and invoices. Who has bought may always go there,
/// whatever is on sale; who has not is made a customer, if they may buy.
/// </summary>
/// <param name="ReturnUrl">Where the page leads back to; the web app's start when left out.</param>
public sealed record OpenCustomerPortal(UserId UserId, string? ReturnUrl, string? RequestKey) : IRequest<PortalView>;

public sealed record PortalView(string Url);

internal sealed class OpenCustomerPortalValidator : AbstractValidator<OpenCustomerPortal>
{
    public OpenCustomerPortalValidator() => RuleFor(c => c.ReturnUrl).MaximumLength(2000).WithMessage("An address has at most 2000 characters.");
}

internal sealed class OpenCustomerPortalHandler(
    CustomerRecords customers, ICardGateway gateway, WebAppOrigins webApp, CheckoutOptions options, IIdGenerator ids)
    : IRequestHandler<OpenCustomerPortal, PortalView>
{
    public async Task<PortalView> Handle(OpenCustomerPortal command, CancellationToken cancellationToken)
    {
        var returnUrl = ReturnTo(command.ReturnUrl);
        await customers.RequireOrMayBuyAsync(command.UserId, options, cancellationToken);

        return new PortalView(await customers.WithLivingAsync(
            command.UserId,
            customer => gateway.OpenPortalAsync(customer.GatewayId, returnUrl, WriteKeys.Of(command.RequestKey, ids, "portal", customer.GatewayId, returnUrl), cancellationToken),
            cancellationToken));
    }

    private string ReturnTo(string? wanted)
    {
        if (wanted is null)
        {
            return webApp.Origins[0] + "/";
        }

        // Anywhere else the page would lend its good name to a stranger's.
        return Uri.TryCreate(wanted, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && webApp.Origins.Contains(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), StringComparer.Ordinal)
            ? uri.AbsoluteUri
            : throw PaymentMethodRefusals.ReturnUrlNotAllowed();
    }
}
