// The law-abiding part of the planted world: what the offenders use, and what no rule may accuse.
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Infrastructure.Database;

namespace Payments.Domain.Shared
{
    public readonly record struct Coins(long Count);

    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class MarkedAttribute(params Type[] types) : Attribute
    {
        public Type[] Types() => types;
    }
}

namespace Payments.Domain.Users
{
    public sealed class Account
    {
        private readonly List<Coins> coins = [];

        public static readonly IReadOnlyList<string> Kinds = ["current", "saving"];

        public Coins Balance { get; private set; }

        public DateTimeOffset OpenedAt { get; private set; }

        public IReadOnlyList<Coins> Coins => coins;

        public void Deposit(Coins more, DateTimeOffset now, Func<Guid> newId)
        {
            coins.Add(more);
            OpenedAt = now + TimeSpan.FromMinutes(2);
            Balance = new(Balance.Count + coins.Sum(c => c.Count));
            _ = newId();
        }

        public IEnumerable<Coins> Large(long least) => from coin in coins where coin.Count >= least orderby coin.Count select coin;
    }

    public sealed record Deposit(Coins Coins, string Reason)
    {
        public string? Note { get; init; }
    }
}

namespace Payments.Domain.Payments
{
    public sealed class Charge
    {
        public Coins Amount { get; private set; }

        public long CreditsGranted { get; private set; }
    }
}

namespace Payments.Domain.Notifications
{
    public sealed class Note
    {
        public string Text { get; private set; } = "";
    }
}

namespace Payments.Application.Shared
{
    public interface IUnitOfWork
    {
        Task SaveAsync(CancellationToken cancellationToken);
    }
}

namespace Payments.Application.Users
{
    public interface IUsersDb : IUnitOfWork
    {
        DbSet<Account> Accounts { get; }
    }

    public sealed record OpenAccount(string Name) : IRequest<Guid>;

    internal sealed class OpenAccountHandler(IUsersDb db, TimeProvider clock) : IRequestHandler<OpenAccount, Guid>
    {
        public async Task<Guid> Handle(OpenAccount command, CancellationToken cancellationToken)
        {
            var known = await db.Accounts.Where(a => a.OpenedAt < clock.GetUtcNow()).Select(a => new { a.Balance }).ToListAsync(cancellationToken);
            await db.SaveAsync(cancellationToken);
            return new Guid(known.Count, 0, 0, new byte[8]);
        }
    }

    public sealed record CloseAccount(Guid Id) : IRequest;

    internal sealed class CloseAccountHandler : AsyncRequestHandler<CloseAccount>
    {
        protected override Task Handle(CloseAccount command, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

namespace Payments.Application.Users.Contracts
{
    public interface IAccounts
    {
        Task<Coins> BalanceAsync(Guid id, CancellationToken cancellationToken);
    }
}

namespace Payments.Application.Users.Credits
{
    public sealed class Inside;
}

namespace Payments.Application.Payments.Contracts
{
    public sealed record Fact(Guid Id);
}

namespace Payments.Application.Payments.Charges
{
    public sealed class Inside;

    internal sealed class AllowedToCallUsers(IAccounts accounts)
    {
        public Task<Coins> Ask(Guid id) => accounts.BalanceAsync(id, CancellationToken.None);
    }
}

namespace Payments.Application.Notifications
{
    public sealed class Inside;

    internal sealed class AllowedToCallBoth(IAccounts accounts, Fact fact)
    {
        public Task<Coins> Ask() => accounts.BalanceAsync(fact.Id, CancellationToken.None);
    }
}

namespace Payments.Application.Admin
{
    public sealed class Overview
    {
        private readonly Users.Credits.Inside? credits;
        private readonly Payments.Charges.Inside? charges;
        private readonly Notifications.Inside? notes;
    }
}

namespace Payments.Infrastructure
{
    public class Gadget
    {
        public static Gadget Make() => new SmallGadget();

        public static bool IsBroken(Exception exception) => exception is GadgetException;

        public static T Of<T>() => default!;
    }

    public sealed class SmallGadget : Gadget;

    public struct GadgetPart;

    public interface IGadget;

    public sealed class GadgetException : Exception;

    public sealed class GadgetEventArgs : EventArgs;

    [AttributeUsage(AttributeTargets.All)]
    public sealed class GadgetAttribute : Attribute;

    /// <summary>The composition root knows all modules and the provider.</summary>
    public static class InfrastructureRegistration
    {
        public static object[] Add() => [new Stripe.StripeAdapter(), new Application.Users.Credits.Inside(), new Application.Notifications.Inside(), "stripe"];
    }
}

namespace Payments.Infrastructure.Configuration
{
    public static class Words
    {
        public static void AskStripe()
        {
        }
    }
}

namespace Payments.Infrastructure.Stripe
{
    public sealed class StripeAdapter
    {
        public string StripeVersion => "stripe/1";

        public static void CallStripe()
        {
        }
    }
}

namespace Payments.Infrastructure.Database
{
    public sealed class PlantedDbContext : DbContext, Application.Users.IUsersDb
    {
        public DbSet<Account> Accounts => Set<Account>();

        public Task SaveAsync(CancellationToken cancellationToken) => SaveChangesAsync(cancellationToken);
    }
}

namespace Payments.Infrastructure.Database.Mappings
{
    public static class PaymentsMapping
    {
        public const string Default = "stripe";
    }
}

namespace Payments.Infrastructure.Database.Migrations
{
    public partial class Initial
    {
        public string Up() => "ALTER TABLE x ALTER updated_at SET DEFAULT now(), ALTER gateway SET DEFAULT 'stripe'";
    }
}

namespace Payments.Api.Edge
{
    public static class Policies
    {
        public const string User = nameof(User);
    }

    internal sealed class KnowsContracts(IAccounts accounts)
    {
        public IAccounts Accounts => accounts;
    }
}

namespace Payments.Api.Users
{
    [Route("api/v1/accounts")]
    public sealed class AccountsController(IMediator mediator, IAccounts accounts) : ControllerBase
    {
        public const string Shown = "accounts";

        [HttpGet]
        [Authorize(Policy = Edge.Policies.User)]
        public async Task<Guid> Open(string name, CancellationToken cancellationToken)
        {
            _ = await accounts.BalanceAsync(Guid.Empty, cancellationToken);
            return await mediator.Send(new Application.Users.OpenAccount(name), cancellationToken);
        }

        [HttpGet("/health/accounts")]
        [AllowAnonymous]
        public string Health() => Shown;

        [NonAction]
        public string Hidden() => ToString();

        public override string ToString() => Shown;

        internal string Internal() => Shown;
    }
}

namespace Payments.Api.Payments
{
    public sealed class Page;
}

namespace Payments.Api.Payments.Webhooks
{
    [Route("api/v1/webhooks/stripe")]
    public sealed class StripeWebhookController : ControllerBase
    {
        [HttpPost]
        [AllowAnonymous]
        public string? Receive() => Request.Headers["Stripe-Signature"];
    }
}

namespace Payments.Api.Admin
{
    [Route("api/v1/admin/overview")]
    public sealed class OverviewController(IMediator mediator) : ControllerBase
    {
        [HttpGet]
        [Authorize(Policy = Edge.Policies.User)]
        public async Task<object?> Get()
        {
            object?[] all = [new Application.Users.Credits.Inside(), new Application.Payments.Charges.Inside(), new Application.Notifications.Inside()];
            return await mediator.Send(new Application.Users.OpenAccount(all.Length + ""));
        }
    }
}

namespace Payments.Sandbox
{
    /// <summary>Lives by itself and may say Stripe.</summary>
    public sealed class StripeSimulator
    {
        public string Url => "https://api.stripe.com";
    }
}
