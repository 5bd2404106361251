using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Payments.Application.Notifications;
using Payments.Application.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Analytics;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Exports;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Application.Users.Credits;
using Payments.Application.Users.Profile;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Database.Inbox;
using Payments.Infrastructure.Database.Outbox;
using Payments.Infrastructure.Database.Reads;
using Payments.Infrastructure.Email;
using Payments.Infrastructure.Memory;
using Payments.Infrastructure.Messaging;
using Payments.Infrastructure.Scheduling;
using Payments.Infrastructure.Stripe;
using Quartz;

namespace Payments.Infrastructure;

/// <summary>Everything behind the application's ports.</summary>
public static class InfrastructureRegistration
{
    public static IServiceCollection AddInfrastructure(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(settings.Checkout);
        services.AddSingleton(settings.Credits);
        services.AddSingleton(settings.Subscriptions);
        services.AddSingleton(settings.Cards);
        services.AddSingleton(settings.Refunds);
        services.AddSingleton(settings.Items);
        services.AddSingleton(settings.Orders);
        services.AddSingleton(settings.Notices);
        services.AddSingleton(new WebAppOrigins(settings.Edge.FrontendOrigins));
        services.AddStripe(new StripeOptions
        {
            SecretKey = settings.Gateway.SecretKey,
            PublishableKey = settings.Gateway.PublishableKey,
            WebhookSecrets = settings.Gateway.WebhookSecrets,
            ApiBase = settings.Gateway.ApiBase,
            AccountId = settings.Gateway.AccountId,
        });
        AddDatabase(services, settings);
        AddReads(services);
        AddInbox(services);
        AddMail(services, settings.Mail);
        AddScheduling(services);
        return services;
    }

    private static void AddDatabase(IServiceCollection services, Settings settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.Database.ConnectionString)
        {
            // Seconds that a caller waits for a connection of the pool, or for the server to accept one.
            Timeout = 10,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
        };
        services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connection.ConnectionString).Build());
        services.AddSingleton<LiveStreams>();
        services.AddSingleton<ILiveStreams>(provider => provider.GetRequiredService<LiveStreams>());
        services.AddHostedService(provider => provider.GetRequiredService<LiveStreams>());
        services.AddSingleton<RefundSignal>();
        services.AddSingleton<CommitSignals>();
        services.AddDbContext<PaymentsDbContext>((provider, options) => options
            .UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>(), DatabaseRegistration.Npgsql)
            .AddInterceptors(provider.GetRequiredService<CommitSignals>()));
        services.AddScoped<IPaymentsDb>(provider => provider.GetRequiredService<PaymentsDbContext>());
        services.AddScoped<IUsersDb>(provider => provider.GetRequiredService<PaymentsDbContext>());
        services.AddScoped<INotificationsDb>(provider => provider.GetRequiredService<PaymentsDbContext>());
        services.AddSingleton<IUnitOfWorkScopes, UnitOfWorkScopes>();
        services.AddHostedService<UnusedMemory>();
        services.AddSingleton<IIdGenerator, IdGenerator>();
        services.AddSingleton<IIdempotencyKeys, IdempotencyKeys>();
        services.AddScoped<IAuditLog, AuditLog>();
        services.AddScoped<IAuditTrail, AuditLog>();
        services.AddSingleton<IReadiness, Readiness>();
        services.AddSingleton<ILedgerProof, LedgerProof>();
        services.AddSingleton<IGatewayFetches, GatewayFetches>();
        services.AddSingleton<CatalogCache>();
        services.AddSingleton<ICatalogCache>(provider => provider.GetRequiredService<CatalogCache>());
        services.AddHostedService(provider => provider.GetRequiredService<CatalogCache>());

        // The clock starts first: nothing may run on a date that is about to jump.
        services.AddSingleton<DueWork>();
        services.AddSingleton(provider => new SandboxClock(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<DueWork>(), settings.Gateway.IsLoopback));
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<SandboxClock>());
        services.AddSingleton<ISandboxClock>(provider => provider.GetRequiredService<SandboxClock>());
        services.AddHostedService(provider => provider.GetRequiredService<SandboxClock>());
    }

    private static void AddReads(IServiceCollection services)
    {
        services.AddScoped<IPaymentSearch, PaymentSearch>();
        services.AddScoped<IUserSearch, UserSearch>();
        services.AddScoped<ITimeline, PaymentsTimeline>();
        services.AddScoped<ITimeline, UsersTimeline>();
        services.AddScoped<ITimeline, NoticesTimeline>();
        services.AddSingleton<IPaymentBooks, PaymentBooks>();
        services.AddSingleton<ICreditBook, CreditBook>();
        services.AddSingleton<IRevenueBooks, RevenueBooks>();
        services.AddSingleton<ISubscriptionBooks, SubscriptionBooks>();
        services.AddScoped<IRefusalLog, AuditLog>();

        // In the order of locks: a person's row comes last.
        services.AddScoped<ICustomerTraces, CustomerTraces>();
        services.AddScoped<IErasure, PaymentsErasure>();
        services.AddScoped<IErasure, NoticesErasure>();
        services.AddScoped<IErasure, UsersErasure>();
    }

    private static void AddInbox(IServiceCollection services)
    {
        services.AddSingleton<InboxSignal>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<IWebhookInbox, InboxWriter>();
        services.AddScoped<IWebhookEventStore, WebhookEventStore>();
        services.AddHostedService<InboxWorker>();
        services.AddHostedService<OutboxWorker>();
    }

    private static void AddMail(IServiceCollection services, MailSettings? mail)
    {
        services.AddSingleton<MailSignal>();
        services.AddSingleton<MailTemplates>();
        services.AddSingleton<INoticeTexts>(provider => provider.GetRequiredService<MailTemplates>());
        if (mail is not null)
        {
            services.AddSingleton(provider => new SmtpMailer(mail, provider.GetRequiredService<TimeProvider>()));
        }

        services.AddHostedService<MailWorker>();
    }

    private static void AddScheduling(IServiceCollection services)
    {
        services.AddSingleton<Pruning>();
        services.AddHostedService<RefundWorker>();
        services.AddQuartz(quartz =>
        {
            quartz.ScheduleJob<DueWorkTick>(trigger => trigger.WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromSeconds(5)).RepeatForever()));
            quartz.ScheduleJob<PruneTick>(trigger => trigger.WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromHours(1)).RepeatForever()));
        });
        services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
    }
}
