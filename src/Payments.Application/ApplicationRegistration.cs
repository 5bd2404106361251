using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Admin;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Items;
using Payments.Application.Payments.Invoices;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Application.Users.Credits;
using Payments.Application.Users.Entitlements;
using Payments.Application.Users.Profile;

namespace Payments.Application;

/// <summary>The use cases and what runs around them. The one file that knows MediatR's version.</summary>
public static class ApplicationRegistration
{
    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.AddScoped<ServiceFactory>(provider => provider.GetService!);
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(StaffWriteBehaviour<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehaviour<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TurnsBehaviour<,>));
        services.AddSingleton<Turns>();

        foreach (var type in typeof(ApplicationRegistration).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var face in type.GetInterfaces().Where(i => i.IsGenericType))
            {
                var definition = face.GetGenericTypeDefinition();
                if (definition == typeof(IRequestHandler<,>) || definition == typeof(IValidator<>))
                {
                    services.AddScoped(face, type);
                }
            }
        }

        services.AddScoped<IAccess, Access>();
        services.AddScoped<IEntitlements, Entitlements>();
        services.AddScoped<ICreditReturns, CreditReturns>();
        services.AddScoped<IUserDirectory, UserDirectory>();
        services.AddScoped<ICreditBalances, CreditBalances>();
        services.AddScoped<CreditAccounts>();
        services.AddScoped<Fulfilment>();
        services.AddScoped<CustomerRecords>();
        services.AddScoped<GatewaySends>();
        services.AddScoped<Wallets>();
        services.AddScoped<PaymentOpenings>();
        services.AddScoped<PaymentRecoveries>();
        services.AddScoped<PaymentClosings>();
        services.AddScoped<ItemDeliveries>();
        services.AddScoped<ItemChanges>();
        services.AddScoped<ProductChanges>();
        services.AddScoped<OrderOutcomes>();
        services.AddScoped<OrderClosings>();
        services.AddScoped<PlanPrices>();
        services.AddScoped<PlanChanges>();
        services.AddScoped<CreditPackChanges>();
        services.AddScoped<PaymentRefreshes>();
        services.AddScoped<SubscriptionRivals>();
        services.AddScoped<SubscriptionUpdates>();
        services.AddScoped<TaxRates>();
        services.AddSingleton<TaxRateMisses>();
        services.AddScoped<SubscriptionRefreshes>();
        services.AddScoped<SubscriptionEvents>();
        services.AddScoped<SubscriptionChanges>();
        services.AddScoped<SubscriptionCards>();
        services.AddScoped<SubscriptionWishes>();
        services.AddScoped<Reversals>();
        services.AddScoped<SupportLimits>();
        services.AddScoped<Refunding>();
        services.AddScoped<UndeliveredReturns>();
        services.AddScoped<RefundSends>();
        services.AddScoped<MoneyBack>();
        services.AddScoped<MoneyBackEvents>();
        services.AddScoped<ExportAudit>();
        services.AddScoped<IOpenEnds, PaymentOpenEnds>();
        services.AddScoped<IAccessFacts, AccessRecords>();
        services.AddScoped<IGrantSources, PaymentGrantSources>();
        return services;
    }
}
