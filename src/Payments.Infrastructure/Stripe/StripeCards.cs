using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Saved cards and the billing portal at Stripe.</summary>
internal sealed class StripeCards(StripeCalls calls) : ICardGateway
{
    private const string Customers = "/v1/customers";
    private const string Methods = "/v1/payment_methods";
    private const string Setups = "/v1/setup_intents";
    private const string Portals = "/v1/billing_portal/sessions";

    public async Task<SetupState> OpenSetupAsync(string customerId, UserId userId, string idempotencyKey, CancellationToken cancellationToken)
    {
        // Named rather than automatic: whatever else an account has switched on (a wallet, a debit) has no brand, last
        // four and expiry to show.
        var form = new StripeForm()
            .Set("customer", customerId)
            .Set("usage", "off_session")
            .List("payment_method_types", "card")
            .Nest("metadata", metadata => metadata.Set("user_id", userId.ToString()));
        var reply = await calls.SendAsync(new StripeRequest(HttpMethod.Post, "POST " + Setups, Setups, form.ToString(), StripeCalls.Key(idempotencyKey)), cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireSetup), StripeStates.Setup);
    }

    public Task<CardState> GetCardAsync(string methodId, CancellationToken cancellationToken) =>
        CardAsync(StripeCalls.Get(Methods, methodId, new StripeForm()), cancellationToken);

    public Task<CardState> AttachAsync(string methodId, string customerId, string idempotencyKey, CancellationToken cancellationToken) =>
        CardAsync(On(methodId, "attach", new StripeForm().Set("customer", customerId), idempotencyKey), cancellationToken);

    public Task<CardState> DetachAsync(string methodId, string idempotencyKey, CancellationToken cancellationToken) =>
        CardAsync(On(methodId, "detach", new StripeForm(), idempotencyKey), cancellationToken);

    public async Task MakeDefaultAsync(string customerId, string methodId, string idempotencyKey, CancellationToken cancellationToken)
    {
        var form = new StripeForm().Nest("invoice_settings", settings => settings.Set("default_payment_method", methodId));
        await calls.ReadAsync(
            new StripeRequest(HttpMethod.Post, "POST " + Customers + "/{id}", $"{Customers}/{StripeCalls.Id(customerId)}", form.ToString(), StripeCalls.Key(idempotencyKey)),
            StripeJson.Default.WireCustomer,
            cancellationToken);
    }

    public async Task<WalletState> GetWalletAsync(string customerId, CancellationToken cancellationToken)
    {
        WireCustomer customer;
        try
        {
            customer = await calls.ReadAsync(StripeCalls.Get(Customers, customerId, new StripeForm()), StripeJson.Default.WireCustomer, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            // Test data that was wiped leaves nothing, not even the mark of a deletion.
            return new WalletState(Deleted: true, null, []);
        }

        if (customer.Deleted)
        {
            return new WalletState(Deleted: true, null, []);
        }

        var methods = await calls.ListAsync(Methods, form => form.Set("customer", customerId).Set("type", "card"), StripeJson.Default.MethodList, StripeErrors.TooMany, cancellationToken);
        return new WalletState(Deleted: false, StripeStates.Customer(customer).DefaultMethodId, [.. methods.Select(StripeStates.Card)]);
    }

    public async Task<string> OpenPortalAsync(string customerId, string returnUrl, string idempotencyKey, CancellationToken cancellationToken)
    {
        var form = new StripeForm().Set("customer", customerId).Set("return_url", returnUrl);
        return (await calls.ReadAsync(new StripeRequest(HttpMethod.Post, "POST " + Portals, Portals, form.ToString(), StripeCalls.Key(idempotencyKey)), StripeJson.Default.WirePortal, cancellationToken)).Url;
    }

    private static StripeRequest On(string methodId, string verb, StripeForm form, string idempotencyKey) =>
        new(HttpMethod.Post, $"POST {Methods}/{{id}}/{verb}", $"{Methods}/{StripeCalls.Id(methodId)}/{verb}", form.ToString(), StripeCalls.Key(idempotencyKey))
        {
            // "Already attached", "not attached" and "may not be used again" come without a code.
            ConflictsWithoutCode = true,
        };

    private async Task<CardState> CardAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WirePaymentMethod), static (method, _) => StripeStates.Card(method));
    }
}
