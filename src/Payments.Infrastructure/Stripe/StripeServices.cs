using System.Net;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;

namespace Payments.Infrastructure.Stripe;

public static class StripeServices
{
    /// <summary>Makes Stripe the payment provider: <see cref="IPaymentGateway"/>, <see cref="IPlanGateway"/>, <see cref="IWebhookVerifier"/> and <see cref="IWebhookTranslator"/>.</summary>
    /// <exception cref="ArgumentException">A setting is missing or malformed; the message names each one.</exception>
    public static IServiceCollection AddStripe(this IServiceCollection services, StripeOptions options)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        services.AddHttpClient(StripeHttp.ClientName, client =>
            {
                // Each try and each call have their own limits, which know what was sent and what was not.
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.MaxResponseContentBufferSize = 8 * 1024 * 1024;
            })
            .UseSocketsHttpHandler((handler, _) =>
            {
                handler.AllowAutoRedirect = false;
                handler.AutomaticDecompression = DecompressionMethods.All;
                handler.ConnectTimeout = options.ConnectTimeout;
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.UseCookies = false;
                // A company's proxy has no business between two ports of one machine.
                handler.UseProxy = !new Uri(options.ApiBase).IsLoopback;
                // Our trace ids are nobody else's business.
                handler.ActivityHeadersPropagator = null;
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // The factory's own log lines would hold addresses of buyers; StripeHttp logs what may be known.
            .RemoveAllLoggers();

        return services
            .AddSingleton(options)
            .AddSingleton<StripeHttp>()
            .AddSingleton<StripeCalls>()
            .AddSingleton<IPaymentGateway, StripeGateway>()
            .AddSingleton<ISubscriptionGateway, StripeSubscriptions>()
            .AddSingleton<IPlanGateway, StripePlans>()
            .AddSingleton<StripeRefunds>()
            .AddSingleton<IRefundGateway>(provider => provider.GetRequiredService<StripeRefunds>())
            .AddSingleton<IDisputeGateway>(provider => provider.GetRequiredService<StripeRefunds>())
            .AddSingleton<ICardGateway, StripeCards>()
            .AddSingleton<IWebhookVerifier, StripeWebhookVerifier>()
            .AddSingleton<IWebhookTranslator, StripeEventTranslator>();
    }
}
