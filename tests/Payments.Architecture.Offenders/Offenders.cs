// One type for each way to break a rule. The tests name every one of them.
using System.Security.Cryptography;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Payments.Domain.Shared;
using Payments.Infrastructure;
using Payments.Infrastructure.Database;

namespace Elsewhere
{
    public sealed class Stray;
}

namespace Payments.Domain.Shared
{
    public sealed class KnowsAModule
    {
        private readonly Users.Account? account;
    }
}

namespace Payments.Domain.Users
{
    public sealed class KnowsThePackages(IMediator mediator)
    {
        private readonly IMediator mediator = mediator;
    }

    public sealed class KnowsTheWebFramework
    {
        public string Read(HttpContext context) => context.TraceIdentifier;
    }

    public sealed class KnowsTheUseCases
    {
        public string Read(Application.Shared.IUnitOfWork work) => work.ToString()!;
    }

    public sealed class KnowsLogging
    {
        public void Write(ILogger logger) => logger.Equals(this);
    }

    public sealed class KnowsPayments
    {
        private readonly Payments.Charge? charge;
    }

    public sealed class ReadsFiles
    {
        public string Read() => File.ReadAllText("rates.txt");
    }

    public sealed class CallsHome
    {
        public object Call() => new System.Net.Http.HttpClient();
    }

    public sealed class Waits
    {
        public Task Wait() => Task.CompletedTask;
    }

    public sealed class ReadsTheEnvironment
    {
        public string? Read() => Environment.GetEnvironmentVariable("HOME");
    }

    public sealed class OpenAccount
    {
        private readonly List<Coins> coins = [];

        public static readonly List<string> Shared = [];

        public bool Open;

        public Coins Balance { get; set; }

        public string Owner { get; init; } = "";

        public List<Coins> Entries => coins;

        public IDictionary<string, Coins> Lines { get; private set; } = new Dictionary<string, Coins>();

        public byte[] Raw { get; private set; } = [];
    }

    public struct OpenValue
    {
        public string Text;
    }

    public sealed record SettableRecord
    {
        public string Text { get; set; } = "";
    }

    public sealed class ReadsTheClock
    {
        public long Local() => DateTime.Now.Ticks;

        public long Utc() => DateTime.UtcNow.Ticks;

        public DateTimeOffset OffsetLocal() => DateTimeOffset.Now;

        public DateTimeOffset OffsetUtc() => DateTimeOffset.UtcNow;

        public Func<DateTimeOffset> InALambda() => () => DateTimeOffset.UtcNow;
    }

    public sealed class HoldsADateTime
    {
        private DateTime at;

        public bool On(DateTime day) => true;
    }

    public sealed class Ticks
    {
        public long TickCount() => Environment.TickCount64;

        public long Timestamp() => System.Diagnostics.Stopwatch.GetTimestamp();
    }

    public sealed class ThrowsDice
    {
        public Guid Id() => Guid.NewGuid();

        public Guid OrderedId(DateTimeOffset now) => Guid.CreateVersion7(now);

        public int Number() => Random.Shared.Next();

        public int Secret() => RandomNumberGenerator.GetInt32(10);
    }

    public sealed class Fractions
    {
        private double rate = 1;

        public float Single(float with) => with;

        public long InALocal(long credits)
        {
            var part = credits * 0.3;
            return (long)part;
        }

        public DateTimeOffset InACall(DateTimeOffset now) => now.AddMinutes(1);

        public TimeSpan InASpan(TimeSpan wait) => wait * 2;

        public void AsAnArgument(double part)
        {
        }

        public int InAList() => new List<double>().Count;
    }
}

namespace Payments.Domain.Payments
{
    public sealed class KnowsUsers
    {
        private readonly Users.Account? account;
    }

    public sealed class StripeCharge;

    public sealed class HasSuchAField
    {
        private readonly string? stripeId;
    }

    public sealed class HasSuchAProperty
    {
        public string StripeId => "";
    }

    public sealed class BareAmounts(long amount)
    {
        public long Amount => amount;

        public decimal UnitPrice { get; private set; }

        public int? Subtotal { get; private set; }

        public readonly long TaxMinor;

        public void Charge(decimal total)
        {
        }

        public void Prices(IReadOnlyList<long> lineTotal)
        {
        }
    }
}

namespace Payments.Domain.Admin
{
    public sealed class KnowsUsers
    {
        private readonly Users.Account? account;
    }
}

namespace Payments.Domain.Orders
{
    public sealed class Homeless;
}

namespace Payments.Application
{
    public sealed class Homeless;
}

namespace Payments.Application.UsersToo
{
    public sealed class Homeless;
}

namespace Payments.Api.Shared
{
    public sealed class Homeless;
}

namespace Payments.Domain.Notifications
{
    public sealed class KnowsPayments
    {
        private readonly Payments.Charge? charge;
    }
}

namespace Payments.Application.Shared
{
    public sealed class KnowsAModule
    {
        private readonly Domain.Users.Account? account;
    }
}

namespace Payments.Application.Users
{
    public sealed class KnowsPostgres
    {
        public string Read(NpgsqlConnection connection) => connection.Host ?? "";
    }

    public sealed class KnowsRelationalSql
    {
        public Task<int> Run(DbContext context) => context.Database.ExecuteSqlRawAsync("SELECT 1");
    }

    public sealed class KnowsTheWebFramework
    {
        public string Read(HttpContext context) => context.TraceIdentifier;
    }

    public sealed class KnowsHosting
    {
        public IServiceCollection Add(IServiceCollection services) => services.AddMemoryCache();
    }

    public sealed class KnowsInfrastructure
    {
        private readonly Gadget? gadget;
    }

    public sealed class KnowsTheApi
    {
        public string Read() => typeof(Api.Edge.Policies).Name;
    }

    public sealed class KnowsPaymentsContracts
    {
        private readonly Payments.Contracts.Fact? facts;
    }

    public sealed class KnowsNotifications
    {
        private readonly Notifications.Inside? notes;
    }

    public sealed class TakesTheSystemClock(TimeProvider? clock)
    {
        private readonly TimeProvider clock = clock ?? TimeProvider.System;
    }

    public sealed class WaitsForIt
    {
        public async Task RunAsync() => await Task.Delay(100);
    }

    public sealed class SharesOut
    {
        public long Half(long credits) => (long)Math.Round(credits / 2.0);
    }

    public record OpenRequest : IRequest<int>;

    internal sealed class OpenRequestHandler : IRequestHandler<OpenRequest, int>
    {
        public Task<int> Handle(OpenRequest request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public sealed class ClassRequest : IRequest<int>;

    internal sealed class ClassRequestHandler : IRequestHandler<ClassRequest, int>
    {
        public Task<int> Handle(ClassRequest request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public readonly record struct StructRequest : IRequest<int>;

    internal sealed class StructRequestHandler : IRequestHandler<StructRequest, int>
    {
        public Task<int> Handle(StructRequest request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public sealed record UnhandledRequest : IRequest;

    public sealed record TwiceHandledRequest : IRequest<int>;

    internal sealed class FirstHandler : IRequestHandler<TwiceHandledRequest, int>
    {
        public Task<int> Handle(TwiceHandledRequest request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    internal sealed class SecondHandler : IRequestHandler<TwiceHandledRequest, int>
    {
        public Task<int> Handle(TwiceHandledRequest request, CancellationToken cancellationToken) => Task.FromResult(2);
    }

    public sealed record RequestHandledElsewhere : IRequest<int>;

    public sealed record RequestOne : IRequest<int>;

    public sealed class PublicHandler : IRequestHandler<RequestOne, int>
    {
        public Task<int> Handle(RequestOne request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public sealed record RequestTwo : IRequest<int>;

    internal class OpenHandler : IRequestHandler<RequestTwo, int>
    {
        public Task<int> Handle(RequestTwo request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public sealed record RequestThree : IRequest<int>;

    public sealed record RequestFour : IRequest<int>;

    internal sealed class BusyHandler : IRequestHandler<RequestThree, int>, IRequestHandler<RequestFour, int>
    {
        public Task<int> Handle(RequestThree request, CancellationToken cancellationToken) => Task.FromResult(1);

        public Task<int> Handle(RequestFour request, CancellationToken cancellationToken) => Task.FromResult(1);
    }

    public sealed record RequestFive : IRequest;

    public sealed class PublicBaseHandler : AsyncRequestHandler<RequestFive>
    {
        protected override Task Handle(RequestFive request, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

namespace Payments.Application.Users.Elsewhere
{
    internal sealed class HandlerElsewhere : IRequestHandler<RequestHandledElsewhere, int>
    {
        public Task<int> Handle(RequestHandledElsewhere request, CancellationToken cancellationToken) => Task.FromResult(1);
    }
}

namespace Payments.Application.Payments
{
    public sealed class KnowsUsersInside
    {
        private readonly Users.Credits.Inside? credits;
    }

    public sealed class KnowsUsersDomain
    {
        public Func<object, bool> Read() => thing => thing is Domain.Users.Account;
    }

    public sealed class KnowsNotifications
    {
        private readonly Notifications.Inside? notes;
    }

    public sealed class SaysIt
    {
        public string Gateway() => "by STRIPE, of course";
    }

    public sealed class SaysItInAConstant
    {
        public const string Gateway = "stripe";
    }

    public sealed class SaysItInADefault
    {
        public void Open(string gateway = "stripe")
        {
        }
    }

    public sealed class SaysItInALambda
    {
        public IEnumerable<string> Names(IEnumerable<string> names) => names.Where(n => n == "stripe");
    }

    public sealed class TakesSuchAParameter
    {
        public void Open(string stripeKey)
        {
        }
    }

    public sealed class NamesALocal
    {
        public int Open(int number)
        {
            for (var i = 0; i < number; i++)
            {
                var stripeNumber = number * i;
                number += stripeNumber;
            }

            return number;
        }
    }

    public sealed class NamesALocalLater
    {
        public async Task<int> Open(Task<int> number)
        {
            var ofStripe = await number;
            await Task.Yield();
            return ofStripe;
        }
    }

    public sealed record BareCommand(long Amount);
}

namespace Payments.Application.Notifications
{
    public sealed class KnowsPaymentsInside
    {
        private readonly Payments.Charges.Inside? charges;
    }

    public sealed class KnowsAdmin
    {
        private readonly Admin.Overview? overview;
    }
}

namespace Payments.Infrastructure.Stripe
{
    public sealed class KnowsUsersInside
    {
        private readonly Application.Users.Credits.Inside? credits;
    }
}

namespace Payments.Infrastructure.Email
{
    public sealed class KnowsCharges
    {
        private readonly Domain.Payments.Charge? charge;
    }
}

namespace Payments.Infrastructure.Database
{
    public sealed class CallsSuchAMethod
    {
        public void Open() => Configuration.Words.AskStripe();
    }

    public sealed class KnowsTheAdapter
    {
        private readonly Stripe.StripeAdapter? adapter;
    }
}

namespace Payments.Infrastructure.Database.Inbox
{
    public sealed class KnowsNotifications
    {
        private readonly Domain.Notifications.Note? notes;
    }
}

namespace Payments.Infrastructure.Database.Mappings
{
    public sealed class UsersMapping
    {
        private readonly Domain.Payments.Charge? charge;
    }
}

namespace Payments.Infrastructure.Habits
{
    public sealed class AsyncVoid
    {
        public async void Run() => await Task.Yield();

        public Action InALambda() => async () => await Task.Yield();

        public async Task Rightly() => await Task.Yield();
    }

    public sealed class Blocks
    {
        public int OnAResult(Task<int> task) => task.Result;

        public void OnAWait(Task task) => task.Wait();

        public void OnAll(Task task) => Task.WaitAll(task);

        public int OnAnAwaiter(Task<int> task) => task.GetAwaiter().GetResult();

        public int OnAValueTask(ValueTask<int> task) => task.Result;

        public Func<int> InALambda(Task<int> task) => () => task.ConfigureAwait(false).GetAwaiter().GetResult();

        public async Task<int> InAnAsyncMethod(Task<int> task)
        {
            await Task.Yield();
            return task.Result;
        }

        public async Task<int> Rightly(Task<int> task) => await task + await task.ConfigureAwait(false) + await new ValueTask<int>(1);
    }

    public sealed class Swallows
    {
        public void Everything()
        {
            try
            {
                ToString();
            }
            catch (Exception)
            {
            }
        }

        public void Nameless()
        {
            try
            {
                ToString();
            }
            catch
            {
            }
        }

        public void Loudly()
        {
            try
            {
                ToString();
            }
            catch (Exception e)
            {
                Console.WriteLine(e);
            }
        }

        public async Task InAnAsyncMethod()
        {
            try
            {
                await Task.Yield();
            }
            catch (Exception)
            {
            }
        }

        public async Task AndAwaits()
        {
            try
            {
                await Task.Yield();
            }
            catch (Exception)
            {
                await Task.Yield();
            }
        }

        public Action InALambda() => () =>
        {
            try
            {
                ToString();
            }
            catch (Exception)
            {
            }
        };

        public void WhatItNames()
        {
            try
            {
                ToString();
            }
            catch (InvalidOperationException)
            {
            }
        }

        public async Task OnlyWhen()
        {
            try
            {
                await Task.Yield();
            }
            catch (Exception e) when (e is TimeoutException)
            {
                await Task.Yield();
            }
        }

        public void NothingForItThrows()
        {
            try
            {
                ToString();
            }
            catch
            {
                Console.WriteLine();
                throw;
            }
        }

        public async Task NothingForItThrowsAfterAwaiting()
        {
            try
            {
                await Task.Yield();
            }
            catch (Exception)
            {
                await Task.Yield();
                throw;
            }
        }

        public async Task NothingForItIsFinally()
        {
            try
            {
                await Task.Yield();
            }
            finally
            {
                await Task.Yield();
            }
        }
    }

    public class Open;

    public sealed class Sql
    {
        public string Now() => "UPDATE payments.outbox SET next_attempt_at = now()";

        public string Timestamp() => "SELECT CURRENT_TIMESTAMP";

        public FormattableString Interpolated(int id) => $"UPDATE x SET at = clock_timestamp() WHERE id = {id}";

        public string Id() => "INSERT INTO x (id) VALUES (gen_random_uuid())";

        public string Rightly() => "UPDATE x SET known = @now WHERE id = @id";
    }
}

namespace Payments.Api.Edge
{
    public sealed class KnowsCharges
    {
        private readonly Application.Payments.Charges.Inside? charges;
    }

    public static class MapsByHand
    {
        public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/v1/secret", () => "secret");
    }
}

namespace Payments.Api.Payments
{
    public sealed class KnowsUsersApi
    {
        private readonly Users.Summary? page;
    }

    [Route("api/v1/stripe-things")]
    public sealed class RoutesToIt;
}

namespace Payments.Api.Users
{
    public sealed class Summary;

    public sealed class KnowsPayments
    {
        private readonly Application.Payments.Charges.Inside? charges;
    }

    public sealed class KnowsInfrastructure
    {
        private readonly Gadget? gadget;
    }

    public sealed class KnowsInfrastructureInALambda
    {
        public Func<object> Make() => () => new SmallGadget();
    }

    public sealed class ReadsTables
    {
        private readonly DbSet<Domain.Users.Account>? rows;
    }

    public sealed class ReadsAContext
    {
        public object? Read(DbContext context) => null;
    }

    public sealed class ReadsAModulesFace
    {
        public object? Read(Application.Users.IUsersDb db) => null;
    }

    [Route("api/v1/forgetful")]
    [Authorize(Policy = Edge.Policies.User)]
    public sealed class ForgetfulController : ControllerBase
    {
        [HttpGet("nothing")]
        public string SaysNothing() => "";

        [HttpGet("no-policy")]
        [Authorize]
        public string SaysNoPolicy() => "";

        [HttpGet("roles")]
        [Authorize(Roles = "admin")]
        public string NamesRolesOnly() => "";

        [HttpGet("unknown")]
        [Authorize(Policy = "Usr")]
        public string SaysAnUnknownPolicy() => "";

        [HttpGet("both")]
        [AllowAnonymous]
        [Authorize(Policy = Edge.Policies.User)]
        public string SaysBoth() => "";

        [HttpGet("right")]
        [Authorize(Edge.Policies.User)]
        public string Right() => "";
    }

    public abstract class HandsDownController : ControllerBase
    {
        [HttpGet("inherited")]
        public string Inherited() => "";
    }

    /// <summary>Derives from nothing; ASP.NET takes it for a controller by its name.</summary>
    public sealed class PlainController
    {
        public string Get() => "";
    }

    [Route("users/v1")]
    public sealed class StrayController : ControllerBase
    {
        [HttpGet]
        [AllowAnonymous]
        public string Get() => "";

        [HttpGet("/escaped")]
        [AllowAnonymous]
        public string Escaped() => "";

        [Route("/api/v1/any")]
        [AllowAnonymous]
        public string AnyVerb() => "";
    }

    [Route("api/v1/fat")]
    public sealed class FatController(IMediator mediator, Edge.KnowsCharges charges, TimeProvider clock, IMediator another) : ControllerBase
    {
        [HttpGet]
        [AllowAnonymous]
        public object[] Get() => [mediator, charges, clock, another];

        [HttpGet("locate")]
        [AllowAnonymous]
        public object Locate() => HttpContext.RequestServices.GetRequiredService<IMediator>();

        [HttpGet("given")]
        [AllowAnonymous]
        public object Given([FromServices] Summary summary) => summary;
    }
}

namespace Payments.Sandbox
{
    public sealed class Accomplice
    {
        private readonly Domain.Shared.Coins thing;
    }
}

/// <summary>May know the infrastructure, but no context, and maps nothing by hand.</summary>
internal sealed class Program
{
    public static Func<object> Compose()
    {
        return Local;

        static object Local() => new[] { Gadget.Make() }.Select(g => (g, new SmallGadget())).ToArray();
    }

    public static object Context() => new PlantedDbContext();

    public static void Map(IEndpointRouteBuilder app) => app.MapFallback(() => "lost");
}
