Feature: Each device of a user is told of messages that wait

  @PF-DEV-03 @TP-PF-DEV-03-01.in-subscription @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Bob's phone and tablet have asked to be told, and what the phone fetches is gone
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's phone asks to be told what waits
    And Bob's tablet asks to be told what waits
    And Bob chooses on his phone what to fetch
    And Bob chooses on his tablet what to fetch
    When Bob wants messages to wait
    And Alice sends Bob the message "For the phone"
    And Carol sends Bob the large message "For the tablet"
    And Bob wants messages at once again
    Then Bob's phone and his tablet are both told that the message "For the phone" waits
    And Bob's phone and his tablet are both told that the message "For the tablet" waits
    When Bob's phone fetches the message "For the phone"
    Then the message "For the phone", which waited, reaches Bob's phone
    When Bob's tablet fetches the message "For the phone"
    Then Bob's tablet, which asked for the message "For the phone", gets nothing
    When Bob's tablet fetches the message "For the tablet"
    Then the message "For the tablet", which waited, reaches Bob's tablet

  @PF-DEV-03 @TP-PF-DEV-03-01.unasked @SHALL @participating-function @deferred_delivery=notify_unsolicited @deferred_delivery=notify_message
  Scenario: Bob's phone and tablet are told when they return, and what the phone fetches is gone
    Given Bob, a served user, is offline
    And Bob's phone does not ask to be told what waits
    And Bob's tablet does not ask to be told what waits
    And Bob chooses on his phone what to fetch
    And Bob chooses on his tablet what to fetch
    When Alice sends Bob the message "For the phone"
    And Carol sends Bob the large message "For the tablet"
    And Bob's phone registers
    And Bob's tablet registers
    Then Bob's phone and his tablet are both told that the message "For the phone" waits
    And Bob's phone and his tablet are both told that the message "For the tablet" waits
    When Bob's phone fetches the message "For the phone"
    Then the message "For the phone", which waited, reaches Bob's phone
    When Bob's tablet fetches the message "For the phone"
    Then Bob's tablet, which asked for the message "For the phone", gets nothing
    When Bob's tablet fetches the message "For the tablet"
    Then the message "For the tablet", which waited, reaches Bob's tablet

  @PF-DEV-03 @TP-PF-DEV-03-01.pushed @SHALL @participating-function @deferred_delivery=push
  Scenario: Bob's phone and tablet are there when the time has come, and both are given the message
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's phone does not ask to be told what waits
    And Bob's tablet does not ask to be told what waits
    When Bob wants messages to wait
    And Alice sends Bob the message "For all of you"
    Then for now the message "For all of you" is kept from Bob
    When Bob wants messages at once again
    Then Bob's phone and his tablet are both told that the message "For all of you" waits
    And the message "For all of you", which waited, reaches Bob

  @PF-DEV-03 @TP-PF-DEV-03-02.later @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Bob's tablet comes later, when his phone has fetched one of two messages
    Given Bob, a served user, is online with a phone
    And Bob's phone asks to be told what waits
    And Bob chooses on his phone what to fetch
    And Bob's tablet asks to be told what waits
    And Bob chooses on his tablet what to fetch
    When Bob wants messages to wait
    And Alice sends Bob the message "Fetched already"
    And Carol sends Bob the message "Still there"
    And Bob wants messages at once again
    Then Bob's phone is told that the message "Fetched already" waits
    When Bob's phone fetches the message "Fetched already"
    Then the message "Fetched already", which waited, reaches Bob's phone
    When Bob's tablet registers
    Then Bob's tablet is told that the message "Still there" waits
    And Bob's tablet is not told of the message "Fetched already"

  @PF-DEV-03 @TP-PF-DEV-03-02.later-unasked @SHALL @participating-function @deferred_delivery=notify_unsolicited @deferred_delivery=notify_message
  Scenario: Bob's tablet comes later, and nobody has asked to be told
    Given Bob, a served user, is offline
    And Bob's phone does not ask to be told what waits
    And Bob's tablet does not ask to be told what waits
    And Bob chooses on his phone what to fetch
    And Bob chooses on his tablet what to fetch
    When Alice sends Bob the message "Fetched already"
    And Carol sends Bob the message "Still there"
    And Bob's phone registers
    Then Bob's phone is told that the message "Fetched already" waits
    When Bob's phone fetches the message "Fetched already"
    Then the message "Fetched already", which waited, reaches Bob's phone
    When Bob's tablet registers
    Then Bob's tablet is told that the message "Still there" waits
    And Bob's tablet is not told of the message "Fetched already"

  @PF-DEV-03 @TP-PF-DEV-03-03.one-alone @SHALL @participating-function @deferred_delivery=notify_subscribed
  Scenario: Bob wants his tablet alone to be told, and then both
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's phone asks to be told what waits
    And Bob's tablet asks to be told what waits
    And Bob chooses on his phone what to fetch
    And Bob chooses on his tablet what to fetch
    When Bob wants sessions on his tablet only
    And Bob wants messages to wait
    And Alice sends Bob the message "For the tablet"
    And Bob wants messages at once again
    Then Bob's tablet is told that the message "For the tablet" waits
    And Bob's phone is not told of the message "For the tablet"
    When Bob's tablet fetches the message "For the tablet"
    And Bob has no wish about his devices
    And Bob wants messages to wait
    And Alice sends Bob the message "For both"
    And Bob wants messages at once again
    Then Bob's phone and his tablet are both told that the message "For both" waits

  @PF-DEV-03 @TP-PF-DEV-03-03.one-alone-pushed @SHALL @participating-function @deferred_delivery=push
  Scenario: Bob wants his tablet alone to be given messages, and then both
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's phone does not ask to be told what waits
    And Bob's tablet does not ask to be told what waits
    When Bob wants sessions on his tablet only
    And Bob wants messages to wait
    And Alice sends Bob the message "For the tablet"
    Then for now the message "For the tablet" is kept from Bob
    When Bob wants messages at once again
    Then the message "For the tablet", which waited, reaches Bob's tablet
    And Bob's phone is not told of the message "For the tablet"
    When Bob has no wish about his devices
    And Bob wants messages to wait
    And Alice sends Bob the message "For both"
    And Bob wants messages at once again
    Then Bob's phone and his tablet are both told that the message "For both" waits
